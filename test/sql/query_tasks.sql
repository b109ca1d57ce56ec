-- Tasks that run queries: sql:query.
CREATE SCHEMA query_tasks;
SET search_path = query_tasks;
SET workflow.clock = '2026-01-02 03:04:05Z';
SELECT workflow.create_state_machine('query',
    '{"StartAt": "Q", "States": {"Q": {"Type": "Task", "Resource": "sql:query", "End": true}}}') IS NOT NULL AS made;

-- Runs a task with this input, as it is written, and shows what came of it.
CREATE FUNCTION run(input text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    execution text := workflow.api('StartExecution', jsonb_build_object('stateMachineArn', 'query', 'input', input)) ->> 'executionArn';
    result text;
BEGIN
    PERFORM workflow.run_until_idle();
    SELECT coalesce(output::text, format('%s: %s', error,
            CASE WHEN cause LIKE '{%' THEN concat_ws(' / ', cause::json ->> 'message', cause::json ->> 'detail', cause::json ->> 'hint')
                ELSE cause END))
        INTO result FROM workflow.executions WHERE arn = execution;
    RETURN result;
END $$;
-- Of one query and its parameters.
CREATE FUNCTION query(query text, parameters text DEFAULT '[]') RETURNS text LANGUAGE sql
    AS $$ SELECT run(format('{"Query":%s,"Parameters":%s}', to_json(query), parameters)) $$;

CREATE TABLE item (id int PRIMARY KEY, name text, price numeric CHECK (price > 0), tags text[], more jsonb);
INSERT INTO item VALUES (1, 'bolt', 0.50, '{a,"b c"}', '{"z": 1, "a": null}'), (2, 'nut', 0.25, NULL, NULL);

-- rows as to_json has them, in the order of the columns
SELECT query('SELECT * FROM item ORDER BY id');
SELECT run('{"Query":"SELECT 1 AS b, true AS a, NULL::int AS \"C d\""}');
SELECT query('SELECT id FROM item WHERE false');
SELECT query('SELECT FROM item');
SELECT query('SELECT t FROM item t WHERE id = 2');
SELECT query('VALUES (1, ''NaN''::float8), (2, 1e300)');
SELECT query('SELECT ''2026-01-01 12:00:00+02''::timestamptz AS t, ''\x01''::bytea AS b, ''{"a" :  1.0 }''::json AS j');

-- parameters are values, of the types that the parser finds
SELECT query('SELECT name FROM item WHERE id = $1 AND price < $2', '[1, "0.75"]'), query('SELECT name FROM item WHERE id = $1', '["2"]');
SELECT query('SELECT name FROM item WHERE name = $1', '["'' OR true; --"]');
SELECT query('SELECT $1 AS a, $2::int + 1 AS b, $3::boolean AS c', '["x", null, true]');
SELECT query('SELECT name FROM item WHERE id = ANY ($1)', '[[1, 2, 3]]'), query('SELECT $1::int[] AS a', '[[[1,2],[3,4]]]');
SELECT query('SELECT $1::json AS j, $2::jsonb AS b, $3::jsonb AS s, $4::jsonb IS NULL AS n', '[{"b":1.50,"a":[]}, {"b":1,"a":[]}, "text", null]');
CREATE TYPE size AS (width int, height numeric);
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE TYPE colour AS ENUM ('red', 'green');
SELECT query('SELECT $1::size AS s, $2::size[] AS l, $3::colour AS c, $4::positive AS p',
    '[{"height": 2.5, "width": 1}, [{"width": 3}], "red", 7]');
SELECT query('SELECT $1::text AS t', '[{"a": [1]}]'), query('SELECT $1::varchar(3) AS v, $2::char AS c', '["abcdef", "xy"]');
SELECT query('SELECT $10::int AS j, $1::int + $2::int + $3::int + $4::int + $5::int + $6::int + $7::int + $8::int + $9::int AS r',
    '[1,2,3,4,5,6,7,8,9,10]');
SELECT query('SELECT $1::int', '["x"]');
SELECT query('SELECT $1::positive', '[-1]');
SELECT query('SELECT $1::int[]', '[1]');
SELECT query('SELECT $1', '[]'), query('SELECT 1', '[1]');
SELECT query('SELECT $2::int', '[1, 2]');
SELECT query('SELECT 1 WHERE $1 IS NULL', '[1]');

-- what writes
SELECT query('INSERT INTO item VALUES ($1, $2, $3) RETURNING id, name', '[3, "washer", 0.1]');
SELECT query('UPDATE item SET price = price * 2'), query('DELETE FROM item WHERE id = $1', '[3]');
SELECT query('WITH gone AS (DELETE FROM item WHERE id = 1 RETURNING *) INSERT INTO item SELECT 4, name, price FROM gone');
SELECT query('INSERT INTO item (id) VALUES (4)');
SELECT query('UPDATE item SET price = -1 WHERE id = 4');
SELECT query('SELECT 1 / $1::int', '[0]');
SELECT query('SELECT * FROM nosuch');
SELECT query('SELEC 1');
SELECT query('SELECT workflow.raise(''Mine'', ''because'')');
CREATE FUNCTION two() RETURNS SETOF int LANGUAGE sql AS $$ SELECT count(*)::int FROM item; $$;
SELECT query('SELECT * FROM two() WITH ORDINALITY AS t (x, y)');
CREATE RULE none AS ON DELETE TO item DO INSTEAD NOTHING;
SELECT query('DELETE FROM item'), query('DELETE FROM item WHERE id = $1', '[4]');
DROP RULE none ON item;

-- other statements: what a function may do
SELECT query('CREATE TABLE made AS SELECT generate_series(1, 3) AS n'), query('TRUNCATE made'), query('SELECT count(*) FROM made');
SELECT query('SHOW search_path'), query('SET workflow.max_payload = 2048'), query('SET LOCAL extra_float_digits = 0');
SHOW extra_float_digits;
SELECT query('EXPLAIN (COSTS OFF) SELECT 1');
SELECT query('EXPLAIN (COSTS OFF) SELECT $1::int', '[1]');
SELECT query('BEGIN');
SELECT query('COMMIT');
SELECT query('SAVEPOINT a');
SELECT query('COPY item TO STDOUT');
SELECT query('VACUUM item');
SELECT query('SET ROLE postgres');

-- what it is given
SELECT query(''), query('  -- nothing'), query('SELECT 1; SELECT 2'), query('SELECT 1;');
SELECT run('{}');
SELECT run('{"query":"SELECT 1"}');
SELECT run('{"Query":1}');
SELECT run('{"Query":"SELECT 1","Parameters":{}}');
SELECT run('{"Query":"SELECT 1","Parameters":null}');
SELECT run('{"Query":"SELECT 1","Params":[]}');
SELECT run('["SELECT 1"]');
SELECT query('SELECT 1 AS a, 2 AS b, 3 AS a');
SELECT query('SELECT * FROM item a JOIN item b ON a.id = b.id');
SELECT query('SELECT 1, 2');

-- too much: the query ends, and nothing of it stays; what it has begun to write neither
SET workflow.max_payload = 1024;
CREATE SEQUENCE seen;
SELECT query('SELECT nextval(''seen'') AS n, repeat(''x'', 100) FROM generate_series(1, 1000000)');
SELECT last_value < 100 AS stopped FROM seen;
SELECT query('INSERT INTO made SELECT n FROM generate_series(1, 1000) n RETURNING n');
SELECT length(query('SELECT repeat(''x'', 992) AS x')), query('SELECT repeat(''x'', 993) AS x');
SELECT query('SELECT (''[1,'' || repeat('' '', 2000) || ''2]'')::json AS j'), query('SELECT count(*) FROM made');
RESET workflow.max_payload;
SELECT length(query('SELECT repeat(''x'', 200000) AS x'));

-- a changed table, another search_path: the plan is made anew
SELECT query('SELECT * FROM item WHERE id = $1', '[4]');
ALTER TABLE item ALTER id TYPE text, DROP tags;
SELECT query('SELECT * FROM item WHERE id = $1', '[4]');
CREATE SCHEMA other;
CREATE TABLE other.item (id boolean);
INSERT INTO other.item VALUES (true);
SET search_path = other, query_tasks;
SELECT query('SELECT * FROM item WHERE id = $1', '[true]');
SET search_path = query_tasks;

-- a query that runs queries
SELECT workflow.create_state_machine('inner', '{"StartAt": "Q", "States": {"Q": {"Type": "Task", "Resource": "sql:query",
    "Parameters": {"Query": "SELECT $1::int AS i", "Parameters.$": "States.Array($)"}, "End": true}}}', type => 'EXPRESS') IS NOT NULL AS made;
SELECT query('SELECT i, (workflow.start_sync_execution(''inner'', to_jsonb(i))).output FROM generate_series(1, $1::int) i', '[2]');

-- through a mapping, its events
SELECT workflow.map_resource('arn:aws:states:::rds:query', 'sql:query');
SELECT workflow.create_state_machine('mapped', '{"StartAt": "Q", "States": {"Q": {"Type": "Task",
    "Resource": "arn:aws:states:::rds:query", "Parameters": {"Query": "SELECT $1::int AS a", "Parameters.$": "$.p"}, "End": true}}}') IS NOT NULL AS made;
SELECT workflow.start_execution('mapped', '{"p": [5]}') AS id \gset
SELECT workflow.run_until_idle() > 0 AS ran;
SELECT type, details FROM workflow.get_execution_history(:id) WHERE type LIKE 'Task%';

-- as the machine's role
CREATE ROLE query_reader;
GRANT USAGE ON SCHEMA workflow TO query_reader;
GRANT USAGE ON SCHEMA query_tasks TO query_reader;
GRANT SELECT ON item TO query_reader;
ALTER TABLE item ENABLE ROW LEVEL SECURITY;
SELECT query('SELECT id FROM item');
CREATE POLICY cheap ON item USING (price < 0.6);
SELECT workflow.update_state_machine('query', run_as => 'query_reader') IS NOT NULL AS updated;
SELECT query('SELECT id FROM item');
SELECT query('DELETE FROM item');
SELECT query('SELECT * FROM workflow.execution');
SELECT query('SELECT current_user');
SELECT query('SELECT * FROM workflow.executions');

SELECT workflow.map_resource('arn:aws:states:::rds:query', NULL);
SELECT workflow.delete_state_machine('query'), workflow.delete_state_machine('mapped'), workflow.delete_state_machine('inner');
SELECT workflow.run_until_idle() >= 0 AS deleted;
RESET search_path;
SET client_min_messages = warning;
DROP SCHEMA query_tasks, other CASCADE;
