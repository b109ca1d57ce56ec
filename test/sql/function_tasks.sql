-- Tasks that call functions: how an input becomes arguments, and a result JSON.
SET workflow.clock = '2026-01-02 03:04:05Z';

-- Calls a function through a machine of its own, and shows what came of it.
CREATE FUNCTION call(function text, input text DEFAULT '{}') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    execution bigint;
    machine text := 'm' || md5(function);
    result text;
BEGIN
    PERFORM workflow.create_state_machine(machine, jsonb_build_object('StartAt', 'T', 'States', jsonb_build_object('T',
        jsonb_build_object('Type', 'Task', 'Resource', 'function:' || function, 'End', true)))::text);
    -- through the service's action: the input as it is written, not as jsonb has it
    SELECT d.id INTO execution FROM workflow.describe_execution(workflow.api('StartExecution',
        jsonb_build_object('stateMachineArn', machine, 'input', input)) ->> 'executionArn') d;
    PERFORM workflow.run_until_idle();
    SELECT coalesce(output::text, format('%s: %s', error,
            CASE WHEN cause LIKE '{%' THEN concat_ws(' / ', cause::json ->> 'message', cause::json ->> 'detail') ELSE cause END))
        INTO result FROM workflow.executions WHERE id = execution;
    RETURN result;
END $$;

-- one json argument takes the whole input
CREATE FUNCTION whole(event json) RETURNS json LANGUAGE sql AS $$ SELECT event $$;
CREATE FUNCTION whole_binary(jsonb) RETURNS jsonb LANGUAGE sql AS $$ SELECT $1 $$;
SELECT call('public.whole', '{"b":1.0,"a":[null]}'), call('public.whole', '[1]'), call('public.whole_binary', 'null');

-- names, defaults, nulls
CREATE FUNCTION three(a int, b int DEFAULT 20, c int DEFAULT 30) RETURNS int[] LANGUAGE sql AS $$ SELECT ARRAY[a, b, c] $$;
CREATE FUNCTION zero() RETURNS text LANGUAGE sql AS $$ SELECT 'zero' $$;
CREATE FUNCTION unnamed(int) RETURNS int LANGUAGE sql AS $$ SELECT $1 $$;
SELECT call('public.three', '{"a":1}'), call('public.three', '{"c":3,"a":1}'), call('public.three', '{"b":null,"c":3,"a":"1"}');
SELECT call('public.three', '{"b":1}');
SELECT call('public.three', '{"a":1,"d":1}');
SELECT call('public.three', '{"a":"x"}');
SELECT call('public.three', '[1]');
SELECT call('public.zero'), call('zero');
SELECT call('public.zero', '{"a":1}');
SELECT call('public.zero', '1');
SELECT call('public.unnamed', '{"1":1}');
SELECT call('public.unnamed');
SELECT call('public.nosuch');

-- names that must be quoted
CREATE SCHEMA "My Schema";
CREATE FUNCTION "My Schema"."Do ""It"""("Order" int, "select" text, "ä, b" text DEFAULT 'd') RETURNS text LANGUAGE sql
    AS $$ SELECT format('%s %s %s', "Order", "select", "ä, b") $$;
SELECT call('"My Schema"."Do ""It"""', '{"select":"s","Order":1}'), call('"My Schema"."Do ""It"""', '{"ä, b":"x","select":"s","Order":1}');
SELECT call('"My Schema"."Do ""It"""', '{"select":"s","order":1}');
SELECT call('PUBLIC.Zero');
SELECT call('"Public".zero');
SELECT call('public."zero');

-- types
CREATE TYPE point_of AS (x int, y int);
CREATE TYPE colour AS ENUM ('red', 'green');
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE DOMAIN filled AS text NOT NULL;
CREATE FUNCTION array_of(a int[], b text[] DEFAULT '{}') RETURNS text LANGUAGE sql AS $$ SELECT format('%s %s', a, b) $$;
CREATE FUNCTION row_of(p point_of, l point_of[] DEFAULT NULL) RETURNS point_of LANGUAGE sql AS $$ SELECT p.y, coalesce(l[1].x, p.x) $$;
CREATE FUNCTION domain_of(p positive, f filled DEFAULT 'f') RETURNS positive LANGUAGE sql AS $$ SELECT p + length(f) $$;
CREATE FUNCTION text_of(c character, v varchar, b bit, n numeric, e colour, t timestamptz, i interval, y bytea, u boolean)
    RETURNS text LANGUAGE sql AS $$ SELECT concat_ws(' ', c, v, b, n, e, t, i, y, u) $$;
CREATE FUNCTION json_of(j json, b jsonb) RETURNS json LANGUAGE sql AS $$ SELECT json_build_array(j, b) $$;
SELECT call('public.array_of', '{"a":[1,null,"3"],"b":["x","y z"]}'), call('public.array_of', '{"a":[[1,2],[3,4]]}');
SELECT call('public.array_of', '{"a":1}');
SELECT call('public.row_of', '{"p":{"x":1,"y":2}}'), call('public.row_of', '{"p":{"y":2},"l":[{"x":7}]}');
SELECT call('public.domain_of', '{"p":1}'), call('public.domain_of', '{"p":1,"f":"abc"}');
SELECT call('public.domain_of', '{"p":-1}');
SELECT call('public.domain_of', '{"p":1,"f":null}');
SELECT call('public.text_of', '{"c":"abc","v":"def","b":"101","n":1.50,"e":"red","t":"2026-01-01T00:00:00Z","i":"1 day","y":"\\x01","u":true}');
SELECT call('public.json_of', '{"j":{"b":1,"a":2},"b":{"b":1,"a":2}}');

-- variadic ones take an array
CREATE FUNCTION vari(VARIADIC a int[]) RETURNS int LANGUAGE sql AS $$ SELECT sum(x)::int FROM unnest(a) x $$;
CREATE FUNCTION vari_after(first text, VARIADIC rest text[] DEFAULT '{}') RETURNS text LANGUAGE sql AS $$ SELECT first || array_to_string(rest, '-') $$;
SELECT call('public.vari', '{"a":[1,2,3]}'), call('public.vari', '{"a":[]}');
SELECT call('public.vari');
SELECT call('public.vari_after', '{"rest":["b","c"],"first":"a"}'), call('public.vari_after', '{"first":"a"}');

-- what no JSON value is
CREATE FUNCTION poly(a anyelement) RETURNS anyelement LANGUAGE sql AS $$ SELECT a $$;
CREATE FUNCTION poly_array(n int, list anyarray DEFAULT '{}'::int[]) RETURNS int LANGUAGE sql AS $$ SELECT n $$;
SELECT call('public.poly', '{"a":1}');
SELECT call('public.poly_array', '{"n":1,"list":[1]}');
SELECT call('public.poly_array', '{"n":1}');

-- results
CREATE FUNCTION two_out(a int, OUT b int, OUT c text) LANGUAGE sql AS $$ SELECT a + 1, 'c' $$;
CREATE FUNCTION one_out(a int, OUT b int) LANGUAGE sql AS $$ SELECT a + 1 $$;
CREATE FUNCTION in_out(INOUT a int, INOUT b int DEFAULT 5) LANGUAGE sql AS $$ SELECT b, a $$;
CREATE FUNCTION json_out(j json, OUT a json, OUT b int) LANGUAGE sql AS $$ SELECT j, 1 $$;
CREATE FUNCTION table_of(n int) RETURNS TABLE (i int, "the i" text) LANGUAGE sql AS $$ SELECT i, 'i' || i FROM generate_series(1, n) i $$;
CREATE FUNCTION column_of(n int) RETURNS TABLE (result int) LANGUAGE sql AS $$ SELECT generate_series(1, n) $$;
CREATE FUNCTION set_of(n int DEFAULT 2) RETURNS SETOF int LANGUAGE sql AS $$ SELECT generate_series(1, n) $$;
CREATE FUNCTION set_of_json(j jsonb) RETURNS SETOF jsonb LANGUAGE sql AS $$ SELECT j UNION ALL SELECT NULL $$;
CREATE FUNCTION set_of_rows(n int) RETURNS SETOF point_of LANGUAGE sql AS $$ SELECT i, i * i FROM generate_series(1, n) i $$;
CREATE FUNCTION set_of_void() RETURNS SETOF void LANGUAGE sql AS $$ SELECT FROM generate_series(1, 2) $$;
CREATE FUNCTION some_record() RETURNS record LANGUAGE sql AS $$ SELECT 1 AS one, 'x'::text AS x $$;
CREATE FUNCTION set_of_records() RETURNS SETOF record LANGUAGE sql AS $$ SELECT 1, 2 $$;
CREATE FUNCTION nothing(a int DEFAULT 0) RETURNS void LANGUAGE sql AS $$ SELECT $$;
CREATE FUNCTION no_row() RETURNS point_of LANGUAGE sql AS $$ SELECT 1, 2 WHERE false $$;
CREATE FUNCTION numbers() RETURNS json LANGUAGE sql AS $$ SELECT json_build_array(1.0, 1e400::numeric > 1, 'Infinity'::float8::text) $$;
SELECT call('public.two_out', '{"a":1}'), call('public.one_out', '{"a":1}'), call('public.in_out', '{"a":1}');
SELECT call('public.json_out', '{"j":[1]}');
SELECT call('public.table_of', '{"n":2}'), call('public.table_of', '{"n":0}'), call('public.column_of', '{"n":2}');
SELECT call('public.set_of', '{"n":3}'), call('public.set_of'), call('public.set_of_json', '{"a":1}'), call('public.set_of_rows', '{"n":2}');
SELECT call('public.set_of_void'), call('public.nothing'), call('public.nothing', '{"a":1}'), call('public.no_row');
SELECT call('public.some_record'), call('public.numbers');
SELECT call('public.set_of_records');

-- several of one name
CREATE FUNCTION twice(a int) RETURNS text LANGUAGE sql AS $$ SELECT 'int' $$;
CREATE FUNCTION twice(b text) RETURNS text LANGUAGE sql AS $$ SELECT 'text' $$;
CREATE FUNCTION twice(input json) RETURNS text LANGUAGE sql AS $$ SELECT 'json' $$;
SELECT call('public.twice', '{"a":1}'), call('public.twice', '{"b":1}'), call('public.twice', '{"c":1}'), call('public.twice', '[]');
CREATE FUNCTION twice(a bigint) RETURNS text LANGUAGE sql AS $$ SELECT 'bigint' $$;
SELECT call('public.twice', '{"a":1}');

-- no function
CREATE PROCEDURE a_procedure() LANGUAGE sql AS $$ SELECT 1 $$;
SELECT call('public.a_procedure');
SELECT call('pg_catalog.count');

-- a function that changes beneath its plan
CREATE FUNCTION changing(a int) RETURNS int LANGUAGE sql AS $$ SELECT a $$;
SELECT call('public.changing', '{"a":1}');
CREATE OR REPLACE FUNCTION changing(a int DEFAULT 5) RETURNS int LANGUAGE sql AS $$ SELECT a + 1 $$;
SELECT call('public.changing', '{"a":1}'), call('public.changing');
DROP FUNCTION changing;
CREATE FUNCTION changing(a bigint) RETURNS SETOF text LANGUAGE sql AS $$ SELECT 'a' || a $$;
SELECT call('public.changing', '{"a":1}');
ALTER FUNCTION changing RENAME TO changed;
SELECT call('public.changing', '{"a":1}');
-- of one that is replaced again and again, only the last plan is kept
SELECT call('public.changed', '{"a":1}');
CREATE OR REPLACE FUNCTION changed(a bigint) RETURNS SETOF text LANGUAGE sql AS $$ SELECT 'b' $$;
SELECT call('public.changed', '{"a":1}');
CREATE OR REPLACE FUNCTION changed(a bigint) RETURNS SETOF text LANGUAGE sql AS $$ SELECT 'c' $$;
SELECT call('public.changed', '{"a":1}');
SELECT count(DISTINCT ident) AS statements, count(*) FILTER (WHERE name = 'CachedPlanSource') AS plans
    FROM pg_backend_memory_contexts WHERE ident LIKE '%public.changed(%';

-- a result that is too large fails the task, and so rolls back what it has done
CREATE TABLE effect (i int);
CREATE FUNCTION large(n int) RETURNS text LANGUAGE sql AS $$ INSERT INTO effect VALUES (n); SELECT repeat('x', n) $$;
SET workflow.max_payload = 1024;
SELECT call('public.large', '{"n": 2000}');
SELECT length(call('public.large', '{"n": 1000}')) AS length;
RESET workflow.max_payload;
SELECT i FROM effect;
DROP TABLE effect;

-- a task that runs tasks itself, and is replaced meanwhile
CREATE FUNCTION inner_task(depth int) RETURNS text LANGUAGE plpgsql AS $f$
BEGIN
    IF depth = 0 THEN
        RETURN 'the end';
    END IF;
    EXECUTE pg_get_functiondef('inner_task'::regproc);
    RETURN depth || ' ' || (SELECT coalesce(output::text, cause)
        FROM workflow.start_sync_execution('inner', jsonb_build_object('depth', depth - 1)));
END $f$;
SELECT workflow.create_state_machine('inner', type => 'EXPRESS', definition =>
    '{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"function:public.inner_task","End":true}}}');
SELECT call('public.inner_task', '{"depth":3}');
SELECT call('public.inner_task', '{"depth":3}');

DROP SCHEMA "My Schema" CASCADE;
SELECT count(workflow.delete_state_machine(name)) > 0 AS deleted FROM workflow.list_state_machines() WHERE name ~ '^m[0-9a-f]{32}$|^inner$';
