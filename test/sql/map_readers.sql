-- What cannot be read fails the Map Run, under one name and with a cause that says why.
SET workflow.clock = '2026-01-02 03:04:05Z';
CREATE FUNCTION reader_machine(name text, reader jsonb, run_as regrole) RETURNS void LANGUAGE sql AS $$
    SELECT workflow.create_state_machine(name, jsonb_build_object('StartAt', 'M', 'States', jsonb_build_object(
        'M', jsonb_build_object('Type', 'Map', 'End', true, 'ItemReader', reader, 'ItemProcessor',
            '{"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "S", "States": {"S": {"Type": "Pass", "End": true}}}'::jsonb,
            'Catch', '[{"ErrorEquals": ["States.ItemReaderFailed"], "Next": "C"}]'::jsonb), 'C', '{"Type": "Pass", "End": true}'::jsonb))::text, run_as)
$$;
-- runs a machine with this reader to its end: what was caught, or the items
CREATE FUNCTION go(reader jsonb, input jsonb DEFAULT '{}', run_as regrole DEFAULT NULL) RETURNS json LANGUAGE plpgsql AS $$
DECLARE
    machine text := 'm' || nextval('number');
    started bigint;
BEGIN
    PERFORM reader_machine(machine, reader, run_as);
    started := workflow.start_execution(machine, input);
    PERFORM workflow.run_until_idle();
    RETURN output FROM workflow.executions WHERE id = started;
END $$;
CREATE SEQUENCE number;

-- files
CREATE FUNCTION file(text text) RETURNS text LANGUAGE sql AS 'SELECT text';
CREATE FUNCTION read_file(text text, config jsonb) RETURNS json LANGUAGE sql AS $$
    SELECT go(jsonb_build_object('Resource', 'function:public.file', 'Parameters', '{"text.$": "$.text"}'::jsonb, 'ReaderConfig', config), jsonb_build_object('text', text))
$$;
SELECT o ->> 'Error' AS error, o ->> 'Cause' AS cause FROM read_file(E'a,b\n1,"2\n', '{"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}') o;
SELECT o ->> 'Error' AS error, o ->> 'Cause' AS cause FROM read_file(E'a,a\n1,2\n', '{"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}') o;
SELECT o ->> 'Error' AS error, o ->> 'Cause' AS cause FROM read_file(E'a,b\n1,"2"3\n', '{"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}') o;
SELECT o ->> 'Error' AS error, o ->> 'Cause' AS cause FROM read_file(E'a,b\n1,2"3\n', '{"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}') o;
SELECT o ->> 'Error' AS error, o ->> 'Cause' AS cause FROM read_file(E'1\n{"a": 2\n3\n', '{"InputType": "JSONL"}') o;
SELECT o ->> 'Error' AS error, o ->> 'Cause' AS cause FROM read_file('{"a": {"b": []}}', '{"InputType": "JSON", "ItemsPointer": "/a/c"}') o;
SELECT o ->> 'Error' AS error, o ->> 'Cause' AS cause FROM read_file('{"a": {"b": 1}}', '{"InputType": "JSON", "ItemsPointer": "/a/b"}') o;
SELECT o ->> 'Error' AS error, o ->> 'Cause' AS cause FROM read_file('[1,', '{"InputType": "JSON"}') o;
-- bytes are a file's text
CREATE FUNCTION bytes(text text) RETURNS bytea LANGUAGE sql AS 'SELECT convert_to(text, ''UTF8'')';
CREATE FUNCTION nul_byte() RETURNS bytea LANGUAGE sql AS 'SELECT ''\x5b00''::bytea';
CREATE FUNCTION various() RETURNS varchar LANGUAGE sql AS $$ SELECT E'1\n"\\u00e4\\n"' $$;
CREATE FUNCTION many_texts() RETURNS SETOF text LANGUAGE sql AS $$ VALUES ('1'), ('"2"') $$;
CREATE FUNCTION latin() RETURNS bytea LANGUAGE sql AS 'SELECT ''\x5bff5d''::bytea';
SELECT go('{"Resource": "function:public.bytes", "Parameters": {"text.$": "$.text"}, "ReaderConfig": {"InputType": "JSONL"}}', jsonb_build_object('text', E'1\n"a"'));
SELECT go('{"Resource": "function:public.bytes", "Parameters": {"text.$": "$.text"}, "ReaderConfig": {"ManifestType": "ATHENA_DATA", "InputType": "JSONL"}}', '{"text": ""}');
SELECT o ->> 'Error' AS error, (o ->> 'Cause')::json ->> 'sqlstate' AS sqlstate FROM go('{"Resource": "function:public.latin", "ReaderConfig": {"InputType": "JSON"}}') o;
SELECT o ->> 'Error' AS error, (o ->> 'Cause')::json ->> 'sqlstate' AS sqlstate FROM go('{"Resource": "function:public.nul_byte", "ReaderConfig": {"InputType": "JSON"}}') o;
SELECT go('{"Resource": "function:public.various", "ReaderConfig": {"InputType": "JSONL"}}'), go('{"Resource": "function:public.many_texts"}');
-- these are read: more fields than headers, a blank header; headers alone; the lines' ends of an old Macintosh
SELECT read_file(E'a,\n1,2,3\n', '{"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}');
SELECT read_file(t, '{"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}') FROM unnest(ARRAY['', 'a,b', E'a,b\r1,2\r3\r', E'\uFEFFa,b\r\n\r\n1,2']) t;
-- a quotation mark is repeated in any field, or stands behind a backslash
SELECT read_file(E'a,{""b"":""c""},"1,\n2",C:\\\\x\n', '{"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["w", "x", "y", "z"]}');
-- a field may be as large as an input; more is told as of any state
CREATE FUNCTION large_file(n int) RETURNS text LANGUAGE sql AS $$ SELECT E'x\n' || repeat('y', n) $$;
SELECT n, length(o::text) FROM unnest('{1000,262134,262137}'::int[]) n, go('{"Resource": "function:public.large_file", "Parameters": {"n.$": "$"}, "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}}', to_jsonb(n)) o;
SELECT error, cause FROM workflow.executions ORDER BY id DESC LIMIT 1;

-- functions
CREATE FUNCTION no_file() RETURNS text LANGUAGE sql AS 'SELECT NULL::text';
CREATE FUNCTION number() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION strict_one(a int) RETURNS json LANGUAGE sql AS 'SELECT ''[1]''::json';
CREATE FUNCTION strict_one(a text) RETURNS json LANGUAGE sql AS 'SELECT ''[1]''::json';
CREATE FUNCTION raises() RETURNS json LANGUAGE plpgsql AS $$ BEGIN PERFORM workflow.raise('NoFile', 'there is no file'); END $$;
CREATE FUNCTION hidden() RETURNS json LANGUAGE sql AS 'SELECT ''[1]''::json';
SELECT o ->> 'Error' AS error, o ->> 'Cause' AS cause FROM go('{"Resource": "function:public.no_file"}') o;
SELECT o ->> 'Error' AS error, o ->> 'Cause' AS cause FROM go('{"Resource": "function:public.number"}') o;
SELECT o ->> 'Error' AS error, o ->> 'Cause' AS cause FROM go('{"Resource": "function:public.raises"}') o;
SELECT o ->> 'Error' AS error, (o ->> 'Cause')::json ->> 'message' AS message FROM go('{"Resource": "function:public.missing"}') o;
SELECT o ->> 'Error' AS error, (o ->> 'Cause')::json ->> 'message' AS message FROM go('{"Resource": "function:public.strict_one", "Parameters": {"a": 1}}') o;
SELECT o ->> 'Error' AS error, (o ->> 'Cause')::json ->> 'message' AS message FROM go('{"Resource": "sql:query", "Parameters": {"Query": "SELECT 1 FROM missing"}}') o;
SELECT o ->> 'Error' AS error, o ->> 'Cause' AS cause FROM go('{"Resource": "sql:query", "Parameters": {}}') o;
-- one SELECT, and a semicolon behind it is no other statement
CREATE TABLE thing_to_read (id int);
INSERT INTO thing_to_read VALUES (1);
SELECT o ->> 'Error' AS error, o ->> 'Cause' AS cause
FROM unnest(ARRAY['DELETE FROM thing_to_read RETURNING *', 'SELECT 1; SELECT 2', 'SELECT 1) a, (SELECT 2', ' ']) query,
    go(jsonb_build_object('Resource', 'sql:query', 'Parameters', jsonb_build_object('Query', query))) o;
SELECT go(jsonb_build_object('Resource', 'sql:query', 'Parameters', jsonb_build_object('Query', query)))
FROM unnest(ARRAY[' SELECT * FROM thing_to_read; ', 'VALUES (1), (2) -- two', 'WITH t AS (SELECT 3 AS n) SELECT * FROM t -- ;']) query;
SELECT o ->> 'Error' AS error, o ->> 'Cause' AS cause FROM go('{"Resource": "arn:aws:states:::s3:getObject", "Parameters": {}}') o;
-- as a role that may not call it
CREATE ROLE workflow_reader;
GRANT USAGE ON SCHEMA workflow, public TO workflow_reader;
REVOKE EXECUTE ON FUNCTION hidden FROM PUBLIC;
SELECT o ->> 'Error' AS error, o ->> 'Cause' AS cause FROM go('{"Resource": "function:public.hidden"}', run_as => 'workflow_reader') o;

-- nothing is left of what had been read
SELECT (SELECT count(*) FROM workflow.map_item) AS items, (SELECT count(*) FROM workflow.ready) AS ready;
SELECT status, count(*) FROM workflow.map_runs GROUP BY 1 ORDER BY 1;
DO $$ BEGIN PERFORM workflow.delete_state_machine(name) FROM workflow.list_state_machines(); PERFORM workflow.run_until_idle(); END $$;
DROP FUNCTION reader_machine, go, file, read_file, bytes, latin, no_file, number, strict_one(int), strict_one(text), raises, hidden;
DROP SEQUENCE number;
REVOKE USAGE ON SCHEMA workflow, public FROM workflow_reader;
DROP ROLE workflow_reader;
