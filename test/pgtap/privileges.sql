-- The contract: who may do what; what is documented, column by column.
\set QUIET 1
BEGIN;
SELECT no_plan();

CREATE TEMP VIEW relation AS
    SELECT c.oid, c.relname, c.relkind, c.relrowsecurity, c.reloptions
    FROM pg_class c WHERE c.relnamespace = 'workflow'::regnamespace;
CREATE TEMP VIEW routine AS
    SELECT p.oid, p.proname, p.oid::regprocedure AS signature, p.prosecdef, p.proacl
    FROM pg_proc p WHERE p.pronamespace = 'workflow'::regnamespace;

SELECT is_empty($$SELECT a.grantee::regrole FROM pg_namespace n, aclexplode(n.nspacl) a
        WHERE n.nspname = 'workflow' AND a.grantee <> n.nspowner$$,
    'USAGE on the schema is given to nobody');
SELECT is_empty($$SELECT relname FROM relation WHERE relkind = 'r' AND NOT relrowsecurity$$,
    'row-level security is on for every table');
SELECT is_empty($$SELECT relname FROM relation WHERE relkind = 'v' AND relname <> 'workers'
        AND NOT coalesce(reloptions @> '{security_barrier=true}', false)$$,
    'every view that shows roles different rows is a security barrier');
SELECT is_empty($$SELECT signature FROM routine WHERE prosecdef$$,
    'no function is SECURITY DEFINER: each asks for the caller''s rights itself');
SELECT bag_eq($$SELECT proname FROM routine WHERE NOT EXISTS (SELECT FROM aclexplode(proacl) a WHERE a.grantee = 0)$$,
    ARRAY['run_until_idle', 'resume', 'pause', 'purge', 'worker_processes']::name[],
    'what PUBLIC may not call');
SELECT is_empty($$SELECT signature FROM routine WHERE proacl IS NULL$$,
    'no function has the default privileges, which give PUBLIC everything');

SELECT is_empty($$SELECT signature FROM routine WHERE obj_description(oid, 'pg_proc') IS NULL$$,
    'every function and procedure has a comment');
SELECT is_empty($$SELECT r.relname, a.attname FROM relation r JOIN pg_attribute a ON a.attrelid = r.oid
        WHERE r.relkind = 'v' AND a.attnum > 0 AND col_description(r.oid, a.attnum) IS NULL$$,
    'every column of every view has a comment');
SELECT is_empty($$SELECT signature FROM routine WHERE obj_description(oid, 'pg_proc') !~ '\.( |$)' OR length(obj_description(oid, 'pg_proc')) < 20$$,
    'comments are sentences');

-- The words that views show come from the engine's own lists.
SELECT is((SELECT string_agg(type || ' ' || details::text, ', ') FROM workflow.unpack_history(3, now(), '{"values":["S"],"events":[[7,1,0,0],[62,2,0,null,null,null,0]]}')),
    'PassStateEntered {"name":"S"}, EvaluationFailed {"state":"S"}', 'a row of the history is unpacked');
SELECT set_eq($$SELECT workflow.frame_status(s::"char") FROM unnest('{g,t,w,r,j,e}'::text[]) s$$,
    ARRAY['ready', 'task', 'waiting', 'retrying', 'joining', 'ended'], 'the statuses of frames');
SELECT is((SELECT count(DISTINCT workflow.generated_execution_name(n)) FROM generate_series(1, 1000) n), 1000::bigint,
    'generated names differ');

SELECT * FROM finish();
ROLLBACK;
