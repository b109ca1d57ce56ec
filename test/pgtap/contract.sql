-- The contract: what is there, what is documented, and what PUBLIC may do with it.
\set QUIET 1
BEGIN;
SELECT no_plan();

-- Everything of the extension that somebody may call or read.
CREATE TEMP VIEW routine AS
    SELECT p.oid, p.oid::regprocedure::text AS name, p.proname, p.prosecdef, p.proacl, p.proconfig, l.lanname
    FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
    JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
    JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'workflow';
CREATE TEMP VIEW relation AS
    SELECT c.oid, c.oid::regclass::text AS name, c.relname, c.relkind, c.relacl, c.relrowsecurity, c.reloptions
    FROM pg_class c
    JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
    JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'workflow';

SELECT is((SELECT extnamespace::regnamespace::text FROM pg_extension WHERE extname = 'workflow'), 'workflow',
    'the extension lives in its own schema');
SELECT is_empty($$SELECT name FROM routine WHERE name NOT LIKE 'workflow.%'
    UNION ALL SELECT name FROM relation WHERE name NOT LIKE 'workflow.%'$$, 'and all of it does');

-- What DESIGN promises to tools outside: two views, their first columns.
SELECT is(
    (SELECT array_agg(attname || ' ' || format_type(atttypid, NULL) ORDER BY attname) FROM pg_attribute
        WHERE attrelid = 'workflow.executions'::regclass AND attname = ANY (ARRAY['id', 'name', 'state_machine', 'status',
            'input', 'output', 'error', 'cause', 'started_at', 'stopped_at'])),
    ARRAY['cause text', 'error text', 'id bigint', 'input json', 'name text', 'output json',
        'started_at timestamp with time zone', 'state_machine text', 'status text',
        'stopped_at timestamp with time zone'],
    'view executions');
SELECT is(
    (SELECT array_agg(attname::text ORDER BY attname) FROM pg_attribute
        WHERE attrelid = 'workflow.history_events'::regclass
        AND attname = ANY (ARRAY['execution_id', 'id', 'previous_id', 'type', 'at', 'details'])),
    ARRAY['at', 'details', 'execution_id', 'id', 'previous_id', 'type'],
    'view history_events');

SELECT has_function('workflow'::name, f, f || '() exists')
    FROM unnest(ARRAY['api', 'create_state_machine', 'update_state_machine', 'delete_state_machine',
        'describe_state_machine', 'list_state_machines', 'validate_state_machine_definition', 'evaluate', 'start_execution',
        'stop_execution', 'describe_execution', 'list_executions', 'get_execution_history', 'list_map_runs', 'describe_map_run',
        'update_map_run', 'wait_for_execution', 'raise',
        'context', 'map_resource', 'resume', 'pause', 'run_until_idle']::name[]) f;

-- Documented.
SELECT is_empty($$SELECT name FROM routine WHERE obj_description(oid, 'pg_proc') IS NULL
        AND (proacl IS NULL OR EXISTS (SELECT FROM aclexplode(proacl) a WHERE a.grantee = 0))$$,
    'every function that PUBLIC may call has a comment');
SELECT is_empty($$SELECT name FROM relation WHERE relkind IN ('v', 'm') AND obj_description(oid, 'pg_class') IS NULL$$,
    'every view has a comment');

SELECT is_empty($$SELECT name, attname FROM relation JOIN pg_attribute ON attrelid = oid
        WHERE relkind = 'v' AND attnum > 0 AND col_description(oid, attnum) IS NULL$$,
    'every column of a view has a comment');

-- Nothing for PUBLIC that should not be.
SELECT is_empty($$SELECT name, a.privilege_type FROM relation, aclexplode(relacl) a
        WHERE a.grantee = 0 AND NOT (relkind = 'v' AND a.privilege_type = 'SELECT')$$,
    'PUBLIC may read views, and nothing else of the relations');
SELECT is_empty($$SELECT a.privilege_type FROM pg_namespace n, aclexplode(n.nspacl) a
        WHERE n.nspname = 'workflow' AND a.grantee = 0 AND a.privilege_type <> 'USAGE'$$,
    'PUBLIC may create nothing in the schema');
SELECT is_empty($$SELECT name FROM routine WHERE proname IN ('resume', 'pause', 'purge')
        AND (proacl IS NULL OR EXISTS (SELECT FROM aclexplode(proacl) a WHERE a.grantee = 0))$$,
    'administration is not for PUBLIC');
SELECT is_empty($$SELECT name FROM routine WHERE prosecdef AND lanname <> 'c'
        AND NOT coalesce(proconfig::text LIKE '%search_path=pg_catalog%', false)$$,
    'every SECURITY DEFINER function pins its search_path');
SELECT is_empty($$SELECT name FROM routine WHERE lanname = 'plpgsql'$$, 'nothing of the product is PL/pgSQL');

-- A view of other people's data filters before it evaluates what the reader wrote.
SELECT is_empty($$SELECT name FROM relation WHERE relkind = 'v' AND EXISTS (
            SELECT FROM aclexplode(relacl) a WHERE a.grantee = 0)
        AND NOT coalesce(reloptions::text ~ 'security_(barrier|invoker)', false)$$,
    'every view that PUBLIC may read is a security barrier, or reads as its reader');

-- pg_dump carries all tables and sequences.
SELECT is_empty($$SELECT name FROM relation r WHERE relkind IN ('r', 'p', 'S')
        AND NOT EXISTS (SELECT FROM pg_extension e WHERE e.extname = 'workflow' AND r.oid = ANY (e.extconfig))$$,
    'all tables and sequences are dumped with their rows');

-- Settings.
SELECT is_empty($$SELECT name FROM pg_settings WHERE name LIKE 'workflow.%' AND coalesce(short_desc, '') = ''$$,
    'every setting is described');

SELECT * FROM finish();
ROLLBACK;
