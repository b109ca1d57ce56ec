-- Distributed Maps: their items are worked on by executions of their own.
SET workflow.clock = '2026-01-02 03:04:05Z';
CREATE FUNCTION map_machine(name text, fields jsonb, task text DEFAULT NULL, type text DEFAULT 'STANDARD') RETURNS void LANGUAGE sql AS $$
    SELECT workflow.create_state_machine(name, jsonb_build_object('StartAt', 'M', 'States', jsonb_build_object('M',
        '{"Type": "Map", "End": true}' || fields || jsonb_build_object('ItemProcessor', jsonb_build_object(
            'ProcessorConfig', jsonb_build_object('Mode', 'DISTRIBUTED', 'ExecutionType', type), 'StartAt', 'S', 'States',
            jsonb_build_object('S', CASE WHEN task IS NULL THEN '{"Type": "Pass", "End": true}'
                ELSE jsonb_build_object('Type', 'Task', 'Resource', task, 'End', true) END)))))::text)
$$;
-- runs a machine to its end
CREATE FUNCTION go(machine text, input jsonb, OUT status text, OUT output json, OUT error text, OUT cause text) LANGUAGE plpgsql AS $$
DECLARE started bigint := workflow.start_execution(machine, input);
BEGIN
    PERFORM workflow.run_until_idle();
    SELECT e.status, e.output, e.error, e.cause INTO status, output, error, cause FROM workflow.executions e WHERE e.id = started;
END $$;
CREATE FUNCTION counts(OUT status text, OUT items bigint, OUT started bigint, OUT succeeded bigint, OUT failed bigint, OUT aborted bigint) LANGUAGE sql AS
    'SELECT status, items, started, succeeded, failed, aborted FROM workflow.map_runs ORDER BY id DESC LIMIT 1';

-- items of the state's own; the children are executions, in a part of the machine
SELECT map_machine('plain', '{"Label": "L", "ItemSelector": {"i.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value"}}');
SELECT * FROM go('plain', '["a", "b", "c"]');
SELECT * FROM counts();
SELECT regexp_replace(arn, ':[^:]*$', '') AS arn, status, input, output, map_items FROM workflow.executions WHERE map_run_id IS NOT NULL AND state_machine = 'plain' ORDER BY id;
SELECT type FROM workflow.history_events WHERE execution_id = (SELECT max(id) FROM workflow.executions WHERE map_run_id IS NOT NULL) ORDER BY id;
SELECT count(*) FROM workflow.list_executions('plain');
SELECT * FROM go('plain', '[]');

-- children that are EXPRESS are what executions of such machines are: in their ARNs, in what is kept of them, in their limits
SELECT map_machine('express', '{"Label": "E", "ToleratedFailurePercentage": 100}', type => 'EXPRESS');
SELECT * FROM go('express', '[1, 2]');
CREATE VIEW logged AS SELECT type, details FROM workflow.history_events
    WHERE execution_id = (SELECT max(id) FROM workflow.executions WHERE state_machine = 'express' AND map_run_id IS NOT NULL) ORDER BY id;
SELECT count(*) FROM logged;
SELECT workflow.set_logging('express', 'ALL', false, 'maps') IS NOT NULL AS logs;
SELECT status FROM go('express', '[1]');
SELECT type FROM logged;
SELECT workflow.update_state_machine('express', replace(definition, '"Pass"', '"Pass", "Parameters": {"id.$": "$$.Execution.Id", "machine.$": "$$.StateMachine.Id"}')) IS NOT NULL AS updated
    FROM workflow.state_machines WHERE name = 'express';
SELECT status FROM go('express', '[1]');
SELECT output ->> 'id' = arn AS same, regexp_replace(arn, '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', 'UUID', 'g') AS arn, output ->> 'machine' AS machine, type
    FROM workflow.executions WHERE state_machine = 'express' ORDER BY id DESC LIMIT 1;
SELECT workflow.update_state_machine('express', regexp_replace(definition, '"Pass", "Parameters": \{[^}]*\}', '"Wait", "Seconds": 3600')) IS NOT NULL AS updated
    FROM workflow.state_machines WHERE name = 'express';
-- the service's actions show them under the ARN that they have; they describe them, but do nothing else that EXPRESS executions refuse
SELECT id AS child, arn AS child_arn FROM workflow.executions WHERE state_machine = 'express' AND map_run_id IS NOT NULL ORDER BY id LIMIT 1 \gset
SELECT regexp_replace(replace(:'child_arn', ':express:', ':execution:'), ':[^:]*$', '') AS other_arn \gset
SELECT r #>> '{executions,1,executionArn}' = :'child_arn' AS same
    FROM workflow.api('ListExecutions', jsonb_build_object('mapRunArn', (SELECT arn FROM workflow.map_runs WHERE state_machine = 'express' ORDER BY id LIMIT 1))) r;
SELECT r ->> 'executionArn' = :'child_arn' AS same, r ->> 'output' AS output, r ->> 'redriveStatus' AS redrive, r ? 'mapRunArn' AS of_map_run
    FROM workflow.api('DescribeExecution', jsonb_build_object('executionArn', :'child_arn')) r;
SELECT arn = :'child_arn' AS same FROM workflow.describe_execution(:child);
SELECT d.arn = e.arn AS same FROM workflow.executions e, workflow.describe_execution(e.id) d WHERE e.state_machine = 'plain' AND e.map_run_id IS NOT NULL LIMIT 1;
\set VERBOSITY sqlstate
SELECT workflow.describe_execution(:'other_arn');
SELECT workflow.describe_execution(replace(:'child_arn', '/E:', '/F:'));
SELECT workflow.stop_execution(:'child_arn');
SELECT workflow.stop_execution(:'other_arn');
SELECT workflow.stop_execution(:child);
SELECT workflow.get_execution_history(:child);
\set VERBOSITY default
SET workflow.express_timeout = 7;
SELECT workflow.start_execution('express', '[1]') AS id \gset
SELECT workflow.run_until_idle(advance_clock => true) > 0 AS done;
SELECT status, stopped_at - started_at AS took FROM workflow.executions WHERE state_machine = 'express' AND map_run_id IS NOT NULL ORDER BY id DESC LIMIT 1;
RESET workflow.express_timeout;
DROP VIEW logged;

-- batches, by items and by bytes
SELECT map_machine('batched', '{"ItemsPath": "$.items", "ItemBatcher": {"MaxItemsPerBatch": 2, "BatchInput": {"x.$": "$.x"}}}');
SELECT * FROM go('batched', '{"x": 7, "items": [1, 2, 3, 4, 5]}');
SELECT map_machine('bytes', '{"ItemsPath": "$.items", "ItemBatcher": {"MaxInputBytesPerBatchPath": "$.n"}, "ResultSelector": {"result.$": "$"}}');
SELECT n, output -> 'result' AS result FROM unnest(ARRAY[1, 49, 50]) n, go('bytes', jsonb_build_object('n', n, 'items', '["1234567890", "1234567890", "1234567890"]'::jsonb));

-- what fails, and how much of it is tolerated
CREATE FUNCTION check_item(i json) RETURNS json LANGUAGE plpgsql AS $$
BEGIN
    IF i::text::int < 0 THEN PERFORM workflow.raise('Negative', i::text); END IF;
    RETURN i;
END $$;
SELECT map_machine('strict', '{"MaxConcurrency": 1}', 'function:public.check_item');
SELECT * FROM go('strict', '[1, -2, 3, 4]');
SELECT * FROM counts();
SELECT map_machine('count', '{"ToleratedFailureCount": 1}', 'function:public.check_item');
SELECT * FROM go('count', '[1, -2, 3, 4]');
SELECT * FROM counts();
SELECT status, error FROM go('count', '[1, -2, -3, 4]');
SELECT map_machine('percentage', '{"ToleratedFailurePercentage": 50}', 'function:public.check_item');
SELECT status, output, error FROM go('percentage', '[1, -2, -3, 4]');
SELECT status, output, error FROM go('percentage', '[1, -2, -3, -4]');
-- a new Map Run for each attempt
SELECT map_machine('again', '{"Retry": [{"ErrorEquals": ["States.ExceedToleratedFailureThreshold"], "IntervalSeconds": 0, "MaxAttempts": 2}]}', 'function:public.check_item');
SELECT workflow.start_execution('again', '[-1]') AS id \gset
SELECT workflow.run_until_idle(advance_clock => true) > 0 AS done;
SELECT DISTINCT r ->> 'status' AS status, r ->> 'redriveStatus' AS redrive FROM workflow.executions e, workflow.api('DescribeExecution', jsonb_build_object('executionArn', e.arn)) r
    WHERE e.id > :id AND e.state_machine = 'again';
SELECT status, count(*) FROM workflow.map_runs WHERE execution_id = :id GROUP BY 1;

-- readers: a query's rows, a file from a function
CREATE TABLE thing (id int, name text, d jsonb);
INSERT INTO thing SELECT i, 'thing ' || i, '{"a": 1}' FROM generate_series(1, 600) i;
SELECT map_machine('query', '{"ItemReader": {"Resource": "sql:query", "Parameters": {"Query": "SELECT * FROM thing WHERE id > $1 AND name <> $2 ORDER BY id -- all", "Parameters.$": "$.p"}}, "ItemSelector": {"id.$": "$$.Map.Item.Value.id"}, "MaxConcurrency": 7, "ResultSelector": {"last.$": "$[-1:]", "n.$": "States.ArrayLength($)"}}');
SELECT * FROM go('query', '{"p": [100, "thing 200"]}');
SELECT * FROM counts();
SELECT status, error, cause::json ->> 'message' AS message FROM go('query', '{"p": [100]}');
SELECT status, error, cause::json ->> 'sqlstate' AS sqlstate FROM go('query', '{"p": ["x", ""]}');
SELECT map_machine('bad_row', '{"ItemReader": {"Resource": "sql:query", "Parameters": {"Query": "SELECT CASE WHEN i < 300 THEN to_json(i) ELSE ''1e400''::json END AS n FROM generate_series(1, 1000) i"}}}');
SELECT status, error, cause FROM go('bad_row', '{}');
SELECT count(*) FROM workflow.map_item;
-- so does an ARN that is mapped to one; parameters are what they are to a task's query
SELECT workflow.map_resource('arn:aws:lambda:us-east-1:111111111111:function:things', 'sql:query');
SELECT map_machine('mapped_query', '{"ItemReader": {"Resource": "arn:aws:lambda:us-east-1:111111111111:function:things", "Parameters": {"Query": "SELECT id, d FROM thing WHERE id = ANY ($1::int[]) AND d = $2::jsonb ORDER BY id; ", "Parameters.$": "$.p"}}}');
SELECT * FROM go('mapped_query', '{"p": [[3, 1, 700], {"a": 1}]}');
SELECT workflow.map_resource('arn:aws:lambda:us-east-1:111111111111:function:things', NULL);
CREATE FUNCTION file(text text) RETURNS text LANGUAGE sql AS 'SELECT text';
SELECT map_machine('csv', '{"ItemReader": {"Resource": "function:public.file", "Parameters": {"text.$": "$.text"}, "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW", "MaxItemsPath": "$.n"}}}');
SELECT * FROM go('csv', '{"text": "a,b\n1,2\n3,4\n", "n": 10}');
SELECT * FROM go('csv', '{"text": "a,b\n1,2\n3,4\n", "n": 1}');
SELECT * FROM go('csv', '{"text": "a,a\n1,2\n", "n": 0}');
SELECT * FROM go('csv', '{"text": "a,b\n1,2\n", "n": -1}');

-- files that name files: an S3 inventory, the lines of a manifest, a listing whose files are loaded
CREATE TABLE object (bucket text, key text, body text);
INSERT INTO object VALUES
    ('b', 'manifest.json', '{"destinationBucket": "arn:aws:s3:::d", "fileFormat": "CSV", "fileSchema": "Bucket, Key", "files": [{"key": "1.csv"}, {"key": "2.csv"}]}'),
    ('b', 'missing.json', '{"fileSchema": "a", "files": [{"key": "3.csv"}]}'),
    ('d', '1.csv', E'"s","x"\n"s","y"\n'), ('d', '2.csv', E'"s","z"\n'),
    ('b', 'm.csv', E's3://b/l/1.jsonl\ns3://b/l/2.jsonl\n'), ('b', 'l/', ''), ('b', 'l/1.jsonl', E'1\n2\n'), ('b', 'l/2.jsonl', '{"a": 3}'),
    ('b', 'bad.csv', 's3://b/l/');
CREATE FUNCTION get_object("Bucket" text, "Key" text) RETURNS json LANGUAGE sql AS 'SELECT json_build_object(''Body'', body, ''ETag'', md5(body)) FROM object WHERE (bucket, key) = ("Bucket", "Key")';
CREATE FUNCTION list_objects("Bucket" text, "Prefix" text) RETURNS json LANGUAGE sql AS
    'SELECT json_build_object(''Contents'', json_agg(json_build_object(''Key'', key, ''Size'', length(body)) ORDER BY key)) FROM object WHERE bucket = "Bucket" AND starts_with(key, "Prefix")';
-- a warning for each that is not mapped
SELECT code, location, substr(message, 1, 50) AS message FROM workflow.validate_state_machine_definition('{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true,
    "ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {}}, "ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {}},
    "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "S", "States": {"S": {"Type": "Succeed"}}}}}}');
SELECT workflow.map_resource('arn:aws:states:::s3:getObject', 'function:public.get_object');
SELECT workflow.map_resource('arn:aws:states:::s3:listObjectsV2', 'function:public.list_objects');
SELECT map_machine('inventory', '{"ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "b", "Key.$": "$.key"}, "ReaderConfig": {"InputType": "MANIFEST", "MaxItemsPath": "$.n"}}}');
SELECT * FROM go('inventory', '{"key": "manifest.json", "n": 0}');
SELECT * FROM go('inventory', '{"key": "manifest.json", "n": 2}');
SELECT * FROM go('inventory', '{"key": "missing.json", "n": 0}');
SELECT map_machine('manifest', '{"ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "b", "Key.$": "$.key"}, "ReaderConfig": {"ManifestType": "ATHENA_DATA", "InputType": "JSONL"}}}');
SELECT * FROM go('manifest', '{"key": "m.csv"}');
SELECT * FROM go('manifest', '{"key": "bad.csv"}');
SELECT map_machine('listing', '{"ItemReader": {"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": "b", "Prefix": "l"}, "ReaderConfig": {"Transformation": "LOAD_AND_FLATTEN", "InputType": "JSONL"}}}');
SELECT * FROM go('listing', '{}');

-- what ItemSelector sees of an item, and where it comes from
SELECT map_machine('source_state', '{"ItemSelector": {"item.$": "$$.Map.Item"}}');
SELECT * FROM go('source_state', '["a", {"b": 1}]');
SELECT map_machine('source_members', '{"ItemsPath": "$.o", "ItemSelector": {"item.$": "$$.Map.Item", "of.$": "$.n"}}');
SELECT * FROM go('source_members', '{"n": 1, "o": {"b": [1], "a": {"Key": 2}}}');
SELECT map_machine('members', '{"ItemBatcher": {"MaxItemsPerBatch": 2}}');
SELECT * FROM go('members', '{"x": 1, "y": null, "z": []}');
SELECT map_machine('source_query', '{"ItemReader": {"Resource": "sql:query", "Parameters": {"Query": "SELECT 1 AS n"}}, "ItemSelector": {"item.$": "$$.Map.Item"}}');
SELECT * FROM go('source_query', '{}');
SELECT map_machine('source_object', '{"ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "b", "Key.$": "$.key"}, "ReaderConfig": {"InputType": "JSONL"}}, "ItemSelector": {"item.$": "$$.Map.Item"}, "ItemBatcher": {"MaxItemsPerBatch": 2}}');
SELECT * FROM go('source_object', '{"key": "l/1.jsonl"}');
SELECT map_machine('source_listing', '{"ItemReader": {"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": "b", "Prefix": "l/"}}, "ItemSelector": {"s.$": "$$.Map.Item.Source", "key.$": "$$.Map.Item.Value.Key"}}');
SELECT * FROM go('source_listing', '{}');
-- a child is an execution of its own: it sees itself, not the Map
SELECT workflow.create_state_machine('inside', '{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "Label": "L", "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "S", "States": {
    "S": {"Type": "Pass", "Parameters": {"about.$": "$$"}, "End": true}}}}}}') LIKE 'arn:%';
SELECT output -> 0 -> 'about' AS about FROM go('inside', '["a"]') \gset
SELECT c #> '{Execution,Input}' AS input, c #>> '{Execution,Id}' = e.arn AS id, c #>> '{Execution,Name}' = e.name AS name, c #>> '{Execution,StartTime}' LIKE '2026-%' AS started, c #>> '{Execution,RoleArn}' LIKE 'arn:%' AS role,
    c -> 'StateMachine' AS machine, c #>> '{State,Name}' AS state, c #>> '{State,EnteredTime}' LIKE '2026-%' AS entered, (SELECT array_agg(k) FROM json_object_keys(c) k) AS keys
FROM (SELECT :'about'::json) g (c), workflow.executions e WHERE e.state_machine = 'inside' AND e.map_run_id IS NOT NULL;
SELECT workflow.create_state_machine('inside_item', '{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "S", "States": {
    "S": {"Type": "Pass", "Parameters": {"item.$": "$$.Map.Item.Value"}, "End": true}}}}}}') LIKE 'arn:%';
SELECT error FROM go('inside_item', '["a"]') g;
SELECT error, cause LIKE '%$$.Map.Item.Value%could not be found%' AS cause FROM workflow.executions WHERE state_machine = 'inside_item' AND map_run_id IS NOT NULL;

-- an input of a Map Run's children that cannot be made
SELECT workflow.create_state_machine('inputs', jsonb_build_object('QueryLanguage', 'JSONata', 'StartAt', 'M', 'States', jsonb_build_object('M', fields ||
    '{"Type": "Map", "End": true, "Items": [1, 2], "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
      "StartAt": "S", "States": {"S": {"Type": "Succeed"}}}, "Catch": [{"ErrorEquals": ["States.QueryEvaluationError"], "Output": "{% $states.errorOutput.Cause %}", "Next": "Caught"}]}',
    'Caught', '{"Type": "Succeed"}'::jsonb))::text) IS NOT NULL AS created
FROM (VALUES ('{"ItemSelector": {"v": "{% $states.context.Map.Item.Value = 2 ? $nix : 1 %}"}}'::jsonb)) AS v(fields);
SELECT workflow.start_execution('inputs', '{}', 'one') AS execution \gset
SELECT workflow.run_until_idle() > 0 AS ran;
SELECT status, output FROM workflow.describe_execution(:execution);
SELECT id, previous_id, type, details::jsonb - 'mapRunArn' AS details FROM workflow.get_execution_history(:execution) WHERE id BETWEEN 3 AND 8;

-- an input that is larger than it may be fails the Map Run; what ItemSelector leaves out does not count
SET workflow.max_payload = 1024;
CREATE FUNCTION one(i json) RETURNS int LANGUAGE sql AS 'SELECT 1';
SELECT map_machine('size', '{"ItemReader": {"Resource": "sql:query", "Parameters": {"Query": "SELECT repeat(''x'', n) AS x FROM unnest(string_to_array($1, '','')::int[]) n", "Parameters.$": "States.Array($.sizes)"}}}', 'function:public.one');
SELECT s, g.status, g.output, g.error, g.cause FROM unnest(ARRAY['10,1016', '10,1017']) s, go('size', jsonb_build_object('sizes', s)) g;
SELECT * FROM counts();
SELECT map_machine('size_selected', '{"ItemReader": {"Resource": "sql:query", "Parameters": {"Query": "SELECT repeat(''x'', 2000) AS x"}}, "ItemSelector": {"i.$": "$$.Map.Item.Index"}}');
SELECT * FROM go('size_selected', '{}');
SELECT map_machine('size_batch', '{"ItemReader": {"Resource": "sql:query", "Parameters": {"Query": "SELECT repeat(''x'', n) AS x FROM unnest(string_to_array($1, '','')::int[]) n", "Parameters.$": "States.Array($.sizes)"}}, "ItemBatcher": {"MaxItemsPerBatch": 10, "BatchInput": {"b": 1}}}', 'function:public.one');
SELECT s, g.status, g.output, g.error FROM unnest(ARRAY['400,400,400', '983', '984', '100,983', '100,984']) s, go('size_batch', jsonb_build_object('sizes', s)) g;
RESET workflow.max_payload;

-- a writer: a function that is called for each file
CREATE TABLE file (bucket text, key text, body json);
CREATE FUNCTION put("Bucket" text, "Key" text, "Body" json) RETURNS void LANGUAGE sql AS 'INSERT INTO file VALUES ("Bucket", "Key", ("Body" #>> ''{}'')::json)';
SELECT map_machine('writer', '{"Label": "W", "ToleratedFailureCount": 1, "ResultWriter": {"Resource": "function:public.put", "Parameters": {"Bucket": "b", "Prefix": "p"}}, "ResultSelector": {"Bucket.$": "$.ResultWriterDetails.Bucket", "Keys.$": "States.StringSplit($.ResultWriterDetails.Key, ''/'')"}}', 'function:public.check_item');
SELECT status, output ->> 'Bucket' AS bucket, output #>> '{Keys,0}' AS prefix, output #>> '{Keys,2}' AS name FROM go('writer', '[1, -2, 3]');
SELECT split_part(f.key, '/', 3) AS name, r.ord, r.entry ->> 'Status' AS status, r.entry ->> 'Input' AS input, r.entry ->> 'Output' AS output, r.entry ->> 'Error' AS error
FROM file f, json_array_elements(f.body) WITH ORDINALITY r (entry, ord) WHERE f.key NOT LIKE '%manifest.json' ORDER BY 1, 2;
SELECT body ->> 'DestinationBucket' AS bucket, json_object_keys(body -> 'ResultFiles') AS files FROM file WHERE key LIKE '%manifest.json';
CREATE FUNCTION written(OUT status text, OUT items text, OUT children text) LANGUAGE sql AS $$
    SELECT r ->> 'status', r #>> '{itemCounts,resultsWritten}', r #>> '{executionCounts,resultsWritten}'
    FROM workflow.api('DescribeMapRun', jsonb_build_object('mapRunArn', (SELECT arn FROM workflow.map_runs ORDER BY id DESC LIMIT 1))) r
$$;
SELECT * FROM written();
-- too many have failed: what runs is stopped, and then all is told, also what never started
TRUNCATE file;
SELECT workflow.create_state_machine('over', '{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "MaxConcurrency": 2, "ResultWriter": {"Resource": "function:public.put", "Parameters": {"Bucket": "b"}},
    "Catch": [{"ErrorEquals": ["States.ExceedToleratedFailureThreshold"], "Next": "C"}],
    "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "S", "States": {
        "S": {"Type": "Choice", "Choices": [{"Variable": "$", "NumericLessThan": 0, "Next": "F"}, {"Variable": "$", "NumericEquals": 0, "Next": "P"}], "Default": "W"},
        "F": {"Type": "Fail", "Error": "Negative"}, "P": {"Type": "Pass", "End": true}, "W": {"Type": "Wait", "Seconds": 60, "End": true}}}},
    "C": {"Type": "Pass", "End": true}}}') LIKE 'arn:%';
SELECT * FROM go('over', '[0, 1, -2, 3, 4]');
SELECT * FROM counts();
SELECT * FROM written();
SELECT split_part(f.key, '/', 2) AS name, r.ord, r.entry ->> 'Status' AS status, r.entry ->> 'Input' AS input, r.entry ->> 'Output' AS output, r.entry ->> 'Error' AS error
FROM file f, json_array_elements(f.body) WITH ORDINALITY r (entry, ord) WHERE f.key NOT LIKE '%manifest.json' ORDER BY 1, 2;
SELECT n.word, json_array_length(f.body -> 'ResultFiles' -> n.word) AS files FROM file f, unnest('{FAILED,PENDING,SUCCEEDED}'::text[]) n (word) WHERE f.key LIKE '%manifest.json';
SELECT type FROM workflow.history_events WHERE execution_id = (SELECT max(execution_id) FROM workflow.map_runs) ORDER BY id;
-- of what never started it is the input that would have been given: of an item, or of a batch; or an item that gives none
CREATE FUNCTION over(machine text, map jsonb, input jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    TRUNCATE file;
    PERFORM workflow.create_state_machine(machine, jsonb_set(d.definition::jsonb, '{States,M}', d.definition::jsonb #> '{States,M}' || '{"MaxConcurrency": 1}' || map)::text)
    FROM workflow.describe_state_machine('over') d;
    RETURN output ->> 'Error' FROM go(machine, input);
END $$;
CREATE VIEW pending AS SELECT split_part(f.key, '/', 2) AS name, r.entry FROM file f, json_array_elements(f.body) r (entry) WHERE f.key LIKE '%PENDING%';
SELECT over('over_selected', '{"ItemSelector": {"n.$": "$$.Map.Item.Value", "i.$": "$$.Map.Item.Index"}, "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "F", "States": {"F": {"Type": "Fail"}}}}', '[1, "\"", 3]');
SELECT * FROM pending;
SELECT over('over_batches', '{"ItemBatcher": {"MaxItemsPerBatch": 2, "BatchInput": {"b": 1}}, "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "F", "States": {"F": {"Type": "Fail"}}}}', '[1, 2, 3, 4, 5, 6, 7]');
SELECT * FROM pending;
SELECT over('over_bytes', '{"ItemBatcher": {"MaxInputBytesPerBatch": 22}, "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "F", "States": {"F": {"Type": "Fail"}}}}', '["a", "b", "c", "d", "e", "f"]');
SELECT * FROM pending;
SELECT over('over_missing', '{"ItemSelector": {"n.$": "$$.Map.Item.Value.n"}, "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "F", "States": {"F": {"Type": "Fail"}}}}', '[{"n": 1}, {"n": 2}, {"m": 3}]');
SELECT * FROM pending;
DROP VIEW pending;
DROP FUNCTION over;
-- whatever comes of the files, that is why the Map has failed
ALTER FUNCTION put RENAME TO put_away;
SELECT * FROM go('over', '[-2]');
SELECT * FROM written();
ALTER FUNCTION put_away RENAME TO put;
SELECT (SELECT count(*) FROM workflow.map_item) AS items, (SELECT count(*) FROM workflow.ready) AS ready, (SELECT count(*) FROM workflow.timer) AS timers;
-- as a WriterConfig says; of those that failed all is said
CREATE TABLE raw (key text, body text);
CREATE FUNCTION put_raw("Key" text, "Body" text) RETURNS void LANGUAGE sql AS 'INSERT INTO raw VALUES (regexp_replace("Key", ''.*/'', ''''), "Body")';
CREATE FUNCTION give(i json) RETURNS json LANGUAGE plpgsql AS $$
BEGIN
    IF i::text = 'null' THEN PERFORM workflow.raise('Missing'); END IF;
    RETURN i;
END $$;
SELECT map_machine('writer_' || t || '_' || o, jsonb_build_object('ToleratedFailureCount', 1, 'ResultWriter', jsonb_build_object('Resource', 'function:public.put_raw',
    'WriterConfig', jsonb_build_object('Transformation', t, 'OutputType', o))), 'function:public.give')
FROM unnest('{NONE,COMPACT,FLATTEN}'::text[]) t, unnest('{JSON,JSONL}'::text[]) o;
SELECT t, o, (go('writer_' || t || '_' || o, '[[1, [2]], null, {"a": []}, []]')).status FROM unnest('{COMPACT,FLATTEN}'::text[]) t, unnest('{JSON,JSONL}'::text[]) o;
SELECT key, body FROM raw WHERE key LIKE 'SUCCEEDED%' ORDER BY ctid;
SELECT key, regexp_replace(body, '"(ExecutionArn|Name|StartDate|StopDate|StateMachineArn)":"[^"]*"', '', 'g') AS body FROM raw WHERE key LIKE 'FAILED%' ORDER BY ctid;
TRUNCATE raw;
SELECT status FROM go('writer_FLATTEN_JSON', '[[], []]');
SELECT key, body::json -> 'ResultFiles' AS files FROM raw;
TRUNCATE raw;
SELECT (go('writer_NONE_JSONL', '[1, null, {"a": 2}]')).status;
SELECT key, regexp_replace(body, '"(ExecutionArn|Name|StartDate|StopDate|StateMachineArn)":"[^"]*"', '', 'g') AS body FROM raw WHERE key LIKE 'SUCCEEDED%';
-- without a resource it says what the state's result is
SELECT map_machine('result_' || t || '_' || o, jsonb_build_object('ResultWriter', jsonb_build_object('WriterConfig', jsonb_build_object('Transformation', t, 'OutputType', o))), 'function:public.give')
FROM unnest('{NONE,COMPACT,FLATTEN}'::text[]) t, unnest('{JSON,JSONL}'::text[]) o;
SELECT t, o, g.output FROM unnest('{COMPACT,FLATTEN}'::text[]) t, unnest('{JSON,JSONL}'::text[]) o, go('result_' || t || '_' || o, '[[1, [2]], {"a": []}, []]') g;
SELECT status, jsonb_path_query_array(output::jsonb, '$[*].Output') AS outputs, jsonb_path_query_array(output::jsonb, '$[*].Status') AS statuses FROM go('result_NONE_JSON', '[[1], "b"]');
SELECT status, array_length(string_to_array(output #>> '{}', E'\n'), 1) AS lines FROM go('result_NONE_JSONL', '[[1], "b"]');
SELECT o, g.output FROM unnest('{JSON,JSONL}'::text[]) o, go('result_NONE_' || o, '[]') g;
-- an OutputType alone says no more
SELECT map_machine('result_lines', '{"ResultWriter": {"WriterConfig": {"OutputType": "JSONL"}}}', 'function:public.give');
SELECT output FROM go('result_lines', '[[1], "b"]');
SELECT map_machine('writer_lines', '{"ResultWriter": {"Resource": "function:public.put_raw", "WriterConfig": {"OutputType": "JSONL"}}}', 'function:public.give');
SELECT status FROM go('writer_lines', '[[1], "b"]');
SELECT key, array_length(string_to_array(rtrim(body, E'\n'), E'\n'), 1) AS lines, split_part(body, E'\n', 1)::json ->> 'Output' AS output FROM raw WHERE key LIKE 'SUCCEEDED%' ORDER BY ctid DESC LIMIT 1;
-- more than a result may be
SELECT map_machine('large_' || t, jsonb_build_object('ItemSelector', jsonb_build_object('x', repeat('x', 400)), 'ResultWriter', jsonb_build_object('WriterConfig', jsonb_build_object('Transformation', t, 'OutputType', 'JSON'))))
FROM unnest('{NONE,COMPACT,FLATTEN}'::text[]) t;
SET workflow.max_payload = 1024;
SELECT t, g.status, g.error FROM unnest('{NONE,COMPACT,FLATTEN}'::text[]) t, go('large_' || t, '[1, 2, 3]') g;
RESET workflow.max_payload;
-- into a table, by a query: $1 are results, $2 how those children ended
CREATE TABLE kept (status text, entry json, tag int);
SELECT map_machine('rows_' || t, jsonb_build_object('ToleratedFailurePercentage', 100, 'ResultWriter', jsonb_build_object('Resource', 'sql:query', 'WriterConfig', jsonb_build_object('Transformation', t, 'OutputType', 'JSONL'),
    'Parameters', '{"Query": "INSERT INTO kept SELECT $2, r, $3 FROM json_array_elements($1) r", "Parameters": [7]}'::jsonb)), 'function:public.check_item') IS NULL FROM unnest('{NONE,COMPACT}'::text[]) t;
SELECT t, g.status, g.output -> 'ResultWriterDetails' AS details, g.output ? 'MapRunArn' AS arn FROM unnest('{NONE,COMPACT}'::text[]) t, LATERAL (SELECT status, output::jsonb FROM go('rows_' || t, '[1, -2, 3]')) g;
SELECT status, CASE json_typeof(entry) WHEN 'object' THEN entry ->> 'Output' ELSE entry::text END AS output, entry ->> 'Error' AS error, tag, json_typeof(entry) FROM kept ORDER BY 5, 1 DESC, 2;
SELECT status, output -> 'ResultWriterDetails' AS details, error FROM go('rows_NONE', '[]');
SELECT map_machine('rows_wrong', '{"ResultWriter": {"Resource": "sql:query", "Parameters": {"Query": "INSERT INTO kept SELECT $1", "Key": "k"}}}');
SELECT status, error, cause FROM go('rows_wrong', '[1]');
-- results that no query could be given
CREATE FUNCTION deep(n jsonb) RETURNS json LANGUAGE sql AS $$ SELECT (repeat('[', n::int) || repeat(']', n::int))::json $$;
SELECT map_machine('rows_deep', '{"ResultWriter": {"Resource": "sql:query", "WriterConfig": {"Transformation": "COMPACT", "OutputType": "JSON"}, "Parameters": {"Query": "INSERT INTO kept SELECT $2, r FROM json_array_elements($1) r"}}}', 'function:public.deep');
SELECT n, status, error, cause FROM unnest('{997,998,999,1000}'::int[]) n, go('rows_deep', jsonb_build_array(n));
DROP FUNCTION deep;
DROP TABLE kept;
DROP FUNCTION put, put_raw, give;
DROP TABLE raw;
SELECT status, error FROM go('writer', '[1]');

-- results that are too many together fail the Map, unless a writer takes them
CREATE FUNCTION long_text(i json) RETURNS json LANGUAGE sql AS 'SELECT to_json(repeat(i::text, 1000))';
SELECT map_machine('long', '{}', 'function:public.long_text');
SELECT status, json_array_length(output) AS results FROM go('long', (SELECT jsonb_agg(i % 10) FROM generate_series(1, 250) i));
SELECT * FROM go('long', (SELECT jsonb_agg(i % 10) FROM generate_series(1, 300) i));
CREATE FUNCTION put("Key" text, "Body" json) RETURNS void LANGUAGE sql AS '';
SELECT map_machine('long_written', '{"ResultWriter": {"Resource": "function:public.put", "Parameters": {}}, "ResultSelector": {}}', 'function:public.long_text');
SELECT * FROM go('long_written', (SELECT jsonb_agg(i % 10) FROM generate_series(1, 300) i));

-- the service's actions; names of their own stand in the messages
\set VERBOSITY sqlstate
SELECT arn AS map_run FROM workflow.map_runs WHERE state_machine = 'plain' AND items = 3 \gset
SELECT arn AS parent FROM workflow.executions WHERE id = (SELECT execution_id FROM workflow.map_runs WHERE arn = :'map_run') \gset
SELECT jsonb_array_length(r -> 'mapRuns') AS n, r #>> '{mapRuns,0,mapRunArn}' = :'map_run' AS same_run, r #>> '{mapRuns,0,executionArn}' = :'parent' AS same_execution,
    r #>> '{mapRuns,0,stateMachineArn}' AS machine FROM workflow.api('ListMapRuns', jsonb_build_object('executionArn', :'parent')) r;
SELECT r - ARRAY['mapRunArn', 'executionArn'] AS r FROM workflow.api('DescribeMapRun', jsonb_build_object('mapRunArn', :'map_run')) r;
SELECT workflow.api('DescribeMapRun', jsonb_build_object('mapRunArn', :'map_run' || 'x'));
SELECT workflow.api('UpdateMapRun', jsonb_build_object('mapRunArn', :'map_run', 'maxConcurrency', 1));
SELECT workflow.api('UpdateMapRun', jsonb_build_object('mapRunArn', :'map_run', 'toleratedFailurePercentage', 100.1));
SELECT workflow.api('UpdateMapRun', jsonb_build_object('mapRunArn', :'map_run'));
SELECT r #>> '{executions,0,executionArn}' AS child, jsonb_array_length(r -> 'executions') AS n, r #>> '{executions,0,itemCount}' AS items, r ? 'nextToken' AS more
    FROM workflow.api('ListExecutions', jsonb_build_object('mapRunArn', :'map_run', 'maxResults', 2, 'statusFilter', 'SUCCEEDED')) r \gset
SELECT :n AS n, :items AS items, :'more' AS more;
-- pages, with a filter and without: each child once
CREATE FUNCTION pages(map_run text, status text) RETURNS int[] LANGUAGE plpgsql AS $$
DECLARE request jsonb := jsonb_strip_nulls(jsonb_build_object('mapRunArn', map_run, 'statusFilter', status, 'maxResults', 1)); r jsonb; found int[] := '{}';
BEGIN
    LOOP
        r := workflow.api('ListExecutions', request);
        found := found || ARRAY(SELECT e.map_index::int FROM jsonb_array_elements(r -> 'executions') l JOIN workflow.executions x ON x.arn = l ->> 'executionArn' JOIN workflow.execution e ON e.id = x.id);
        EXIT WHEN NOT r ? 'nextToken';
        request := request || jsonb_build_object('nextToken', r -> 'nextToken');
    END LOOP;
    RETURN found;
END $$;
SELECT pages(:'map_run', NULL) AS "all", pages(:'map_run', 'SUCCEEDED') AS succeeded, pages(:'map_run', 'FAILED') AS failed, pages(:'map_run', 'RUNNING') AS running, pages(:'map_run', 'PENDING_REDRIVE') AS pending;
SELECT r ->> 'status' AS status, r ->> 'input' AS input, r ->> 'mapRunArn' = :'map_run' AS same_run, r ->> 'executionArn' = :'child' AS same, r ->> 'stateMachineArn' AS machine
    FROM workflow.api('DescribeExecution', jsonb_build_object('executionArn', :'child')) r;
SELECT workflow.api('DescribeExecution', jsonb_build_object('executionArn', replace(:'child', '/L:', '/M:'))) IS NULL AS unseen;
\set VERBOSITY default

-- the same as SQL functions
SELECT regexp_replace(arn, '[^:]*$', '') AS arn, label, status, items, started_at = '2026-01-02 03:04:05Z' AS started, stopped_at IS NULL AS runs FROM workflow.list_map_runs(:'parent');
SELECT arn = :'map_run' AS same FROM workflow.list_map_runs((SELECT execution_id FROM workflow.map_runs WHERE arn = :'map_run'));
SELECT state_machine, label, status, max_concurrency, tolerated_failure_percentage AS percentage, tolerated_failure_count AS count, items, children FROM workflow.describe_map_run(:'map_run');
SELECT d.execution_id = m.execution_id AS execution, d.arn = m.arn AS arn FROM workflow.describe_map_run(:'map_run') d, workflow.map_runs m WHERE m.arn = :'map_run';
\set VERBOSITY sqlstate
SELECT workflow.list_map_runs(0::bigint);
SELECT workflow.describe_map_run('nobody');
SELECT workflow.update_map_run(:'map_run', 1);
SELECT workflow.update_map_run(:'map_run');
SELECT workflow.update_map_run(:'map_run', -1);
SELECT workflow.update_map_run(:'map_run', tolerated_failure_percentage => 'NaN');
SELECT workflow.update_map_run(NULL, 1);
-- who may read a machine may look, who may start it may change
CREATE ROLE workflow_reader;
GRANT USAGE ON SCHEMA workflow TO workflow_reader;
SET ROLE workflow_reader;
SELECT workflow.describe_map_run(:'map_run');
RESET ROLE;
SELECT workflow.grant_state_machine('plain', 'workflow_reader', 'read');
SET ROLE workflow_reader;
SELECT status FROM workflow.describe_map_run(:'map_run');
SELECT workflow.update_map_run(:'map_run', 1);
RESET ROLE;
\set VERBOSITY default
SELECT workflow.revoke_state_machine('plain', 'workflow_reader', 'read');
REVOKE USAGE ON SCHEMA workflow FROM workflow_reader;
DROP ROLE workflow_reader;

-- stopped: children that run are stopped too, the others never start
SELECT workflow.create_state_machine('map_of_waits', '{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "MaxConcurrency": 2,
    "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 60, "End": true}}}}}}') LIKE 'arn:%';
SELECT workflow.start_execution('map_of_waits', '[1, 2, 3]') AS id \gset
SELECT workflow.run_until_idle() > 0 AS done;
SELECT * FROM counts();
SELECT pages(arn, 'RUNNING') AS running, pages(arn, 'SUCCEEDED') AS succeeded FROM workflow.map_runs WHERE execution_id = :id;
SELECT workflow.api('UpdateMapRun', (SELECT jsonb_build_object('mapRunArn', arn, 'maxConcurrency', 3, 'toleratedFailurePercentage', 12.5) FROM workflow.map_runs WHERE execution_id = :id));
SELECT workflow.run_until_idle() > 0 AS done;
SELECT started, max_concurrency, tolerated_failure_percentage FROM workflow.map_runs WHERE execution_id = :id;
SELECT workflow.update_map_run(arn, tolerated_failure_percentage => 50, tolerated_failure_count => 2) FROM workflow.list_map_runs(:id);
SELECT d.max_concurrency, d.tolerated_failure_percentage AS percentage, d.tolerated_failure_count AS count, d.items, d.children FROM workflow.list_map_runs(:id) l, workflow.describe_map_run(l.arn) d;
SELECT workflow.stop_execution(:id) IS NOT NULL AS stopped;
SELECT workflow.run_until_idle() > 0 AS done;
SELECT * FROM counts();
SELECT status, count(*) FROM workflow.executions WHERE state_machine = 'map_of_waits' GROUP BY 1;

-- the newest first: of very many those that run are among the last, and behind them nobody looks
SELECT workflow.create_state_machine('map_of_ends', '{"StartAt": "M", "States": {"M": {"Type": "Map", "End": true,
    "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "W", "States": {"W": {"Type": "Wait", "SecondsPath": "$", "End": true}}}}}}') LIKE 'arn:%';
SELECT workflow.start_execution('map_of_ends', (SELECT jsonb_agg(CASE WHEN i > 598 THEN 60 ELSE 0 END) FROM generate_series(1, 600) i)) AS id \gset
SELECT workflow.run_until_idle() > 0 AS done;
SELECT succeeded, started FROM workflow.map_runs WHERE execution_id = :id;
SELECT workflow.stop_execution(:id) IS NOT NULL AS stopped;
SELECT workflow.run_until_idle() > 0 AS done;
SELECT * FROM counts();
SELECT p.stopped FROM workflow.map_progress p JOIN workflow.map_run r ON r.id = p.map_run_id WHERE r.execution_id = :id;

-- so they are if the execution's memory cannot be read any more
SELECT workflow.start_execution('map_of_waits', '[1, 2, 3]') AS id \gset
SELECT workflow.run_until_idle() > 0 AS done;
UPDATE workflow.frame SET memory = '[]' WHERE execution_id = :id;
SELECT workflow.stop_execution(:id) IS NOT NULL AS stopped;
SET client_min_messages = error;
SELECT workflow.run_until_idle() > 0 AS done;
RESET client_min_messages;
SELECT * FROM counts();
SELECT status, error, map_run_id IS NOT NULL AS child, count(*) FROM workflow.executions WHERE id >= :id GROUP BY 1, 2, 3 ORDER BY 3;

-- the execution goes on, but does not wait for its Map Run any more: that is given up, and nothing else
SELECT workflow.create_state_machine('map_in_branch', '{"StartAt": "B", "States": {"B": {"Type": "Parallel", "Next": "After", "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "After"}], "Branches": [
    {"StartAt": "M", "States": {"M": {"Type": "Map", "End": true, "MaxConcurrency": 1, "ItemsPath": "$.items", "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 3600, "End": true}}}}}},
    {"StartAt": "V", "States": {"V": {"Type": "Wait", "Seconds": 0, "Next": "F"}, "F": {"Type": "Fail", "Error": "Branch"}}}]},
    "After": {"Type": "Wait", "Seconds": 3600, "End": true}}}') LIKE 'arn:%';
SELECT workflow.start_execution('map_in_branch', '{"items": [1, 2, 3]}') AS id \gset
SELECT workflow.run_until_idle() > 0 AS done;
SELECT status, items FROM counts();
SELECT state FROM workflow.live_states WHERE execution_id = :id;
UPDATE workflow.map_run SET status = 'r' WHERE execution_id = :id;
INSERT INTO workflow.ready (kind, execution_id, frame, serial, role) SELECT 'm', r.execution_id, r.frame, r.serial, v.run_as
    FROM workflow.map_run r, workflow.execution e, workflow.state_machine_revision v WHERE r.execution_id = :id AND e.id = :id AND v.id = e.revision_id;
SELECT workflow.run_until_idle() > 0 AS done;
SELECT status, items FROM counts();
SELECT status FROM workflow.executions WHERE id = :id;
SELECT workflow.stop_execution(:id) IS NOT NULL AS stopped;
SELECT workflow.run_until_idle() > 0 AS done;

-- nothing is left but what can be looked at
SELECT (SELECT count(*) FROM workflow.map_item) AS items, (SELECT count(*) FROM workflow.map_ended) AS ended, (SELECT count(*) FROM workflow.ready) AS ready;
SET workflow.clock = '2026-01-03 03:04:05Z';
CALL workflow.purge('0 s', 'plain');
SELECT count(*) FROM workflow.map_runs WHERE state_machine = 'plain';
-- EXPRESS children are kept as long as such executions are
SET workflow.clock = '2026-01-05 03:04:05Z';
CALL workflow.purge(NULL, 'express');
SELECT (SELECT count(*) FROM workflow.executions WHERE map_run_id IS NOT NULL AND state_machine = 'express') AS children,
    (SELECT count(*) > 0 FROM workflow.map_runs WHERE state_machine = 'express') AS map_runs,
    (SELECT count(*) > 0 FROM workflow.executions WHERE map_run_id IS NOT NULL AND type = 'STANDARD') AS others;
DO $$ BEGIN PERFORM workflow.delete_state_machine(name) FROM workflow.list_state_machines(); PERFORM workflow.run_until_idle(); END $$;
DROP FUNCTION map_machine, go, counts, written, pages, check_item, file, long_text, put, get_object, list_objects, one;
DROP TABLE thing, file, object;
SELECT workflow.map_resource('arn:aws:states:::s3:getObject', NULL);
SELECT workflow.map_resource('arn:aws:states:::s3:listObjectsV2', NULL);
