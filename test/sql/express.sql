-- EXPRESS executions: started asynchronously, seen in a view, logged as their machine says; and synchronously.
SET workflow.clock = '2026-01-01 00:00:00Z';
SET workflow.arn_prefix = 'arn:aws:states:us-east-1:111111111111';
CREATE FUNCTION logging(level text, with_data boolean) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('level', level, 'includeExecutionData', with_data, 'destinations', jsonb_build_array(
        jsonb_build_object('cloudWatchLogsLogGroup',
            jsonb_build_object('logGroupArn', 'arn:aws:logs:us-east-1:111111111111:log-group:/shop/orders:*')))) $$;

SELECT workflow.create_state_machine('quick', type => 'EXPRESS', definition => '{"StartAt":"P","States":{
    "P":{"Type":"Pass","Result":"done","ResultPath":"$.p","Next":"W"},"W":{"Type":"Wait","Seconds":2,"End":true}}}');

-- names need not be unique, and nothing is idempotent
SELECT workflow.start_execution('quick', '{"a":1}', 'n') AS id \gset
SELECT workflow.start_execution('quick', '{"a":1}', 'n') <> :id AS another;
SELECT workflow.api('StartExecution', '{"stateMachineArn":"quick","name":"n","input":"{}"}') ->> 'executionArn'
    ~ '^arn:aws:states:us-east-1:111111111111:express:quick:n:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' AS express_arn;
SELECT workflow.api('StartExecution', '{"stateMachineArn":"quick"}') ->> 'executionArn' AS arn \gset
SELECT status, count(*) FROM workflow.executions WHERE state_machine = 'quick' GROUP BY status;
SELECT kind, count(*) FROM workflow.timers WHERE state_machine = 'quick' GROUP BY kind;
SELECT workflow.run_until_idle() > 0 AS ran;
SELECT kind, count(*) FROM workflow.timers WHERE state_machine = 'quick' GROUP BY kind ORDER BY kind;
SELECT workflow.run_until_idle(true) > 0 AS ran;
SELECT type, status, input, output, stopped_at FROM workflow.executions WHERE id = :id;
SELECT count(*), count(DISTINCT arn) AS arns, bool_or(arn = :'arn') AS as_answered FROM workflow.executions WHERE state_machine = 'quick';
SELECT count(*) FROM workflow.timers WHERE state_machine = 'quick';
-- no history, for nothing is logged
SELECT count(*) FROM workflow.history_events e JOIN workflow.executions x ON x.id = e.execution_id WHERE x.state_machine = 'quick';
SELECT workflow.wait_for_execution(:id);

-- what the service does not do for them
SELECT workflow.api('DescribeExecution', jsonb_build_object('executionArn', :'arn'));
SELECT workflow.api('GetExecutionHistory', jsonb_build_object('executionArn', :'arn'));
SELECT workflow.api('StopExecution', jsonb_build_object('executionArn', :'arn'));
SELECT workflow.api('DescribeStateMachineForExecution', jsonb_build_object('executionArn', :'arn'));
SELECT workflow.api('ListExecutions', '{"stateMachineArn":"quick"}');
\echo :SQLSTATE
SELECT workflow.describe_execution(:id);
SELECT workflow.get_execution_history(:id);
SELECT workflow.stop_execution(:id);
\echo :SQLSTATE
SELECT workflow.describe_execution('n');
\set VERBOSITY sqlstate
SELECT workflow.stop_execution(replace(left(:'arn', -37), ':express:', ':execution:')) IS NULL;
\set VERBOSITY default

-- five minutes, the machine's own limit, the setting
SELECT workflow.create_state_machine('long', type => 'EXPRESS',
    definition => '{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":3600,"End":true}}}');
SELECT workflow.create_state_machine('limited', type => 'EXPRESS',
    definition => '{"TimeoutSeconds":10,"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":3600,"End":true}}}');
SELECT count(workflow.start_execution(m)) FROM unnest('{long,limited}'::text[]) m;
SELECT workflow.run_until_idle(true) > 0 AS ran;
SELECT state_machine, status, error, cause, stopped_at - started_at AS took FROM workflow.executions
    WHERE state_machine IN ('long', 'limited') ORDER BY id;
SELECT status, error, cause, stopped_at - started_at AS took FROM workflow.start_sync_execution('long');
SELECT status, error, cause, stopped_at - started_at AS took FROM workflow.start_sync_execution('limited');
SET workflow.express_timeout = '1h';
SELECT status, stopped_at - started_at AS took FROM workflow.start_sync_execution('long');
SET workflow.express_timeout = 1;
SELECT status, stopped_at - started_at AS took FROM workflow.start_sync_execution('long');
RESET workflow.express_timeout;

-- as many events as their time allows
SET workflow.max_events = 100;
SELECT workflow.create_state_machine('counting', type => 'EXPRESS', definition => '{"StartAt":"Add","States":{
    "Add":{"Type":"Pass","Parameters":{"n.$":"States.MathAdd($.n, 1)"},"Next":"More"},
    "More":{"Type":"Choice","Choices":[{"Variable":"$.n","NumericLessThan":20000,"Next":"Add"}],"Default":"Done"},
    "Done":{"Type":"Succeed"}}}');
SELECT workflow.start_execution('counting', '{"n":0}') AS id \gset
SELECT workflow.run_until_idle() > 0 AS ran;
SELECT status, output FROM workflow.executions WHERE id = :id;
SELECT status, output FROM workflow.start_sync_execution('counting', '{"n":0}');
RESET workflow.max_events;

-- what is logged
SELECT workflow.api('CreateStateMachine', jsonb_build_object('name', 'logged', 'type', 'EXPRESS', 'loggingConfiguration', logging('ALL', true),
    'definition', '{"StartAt":"M","States":{
        "M":{"Type":"Map","ItemsPath":"$.items","ItemProcessor":{"StartAt":"T","States":{"T":{"Type":"Task",
            "Resource":"function:public.no_such_function","Parameters":{"secret":1},"End":true}}},
            "Catch":[{"ErrorEquals":["States.ALL"],"ResultPath":"$.e","Next":"F"}],"End":true},
        "F":{"Type":"Fail","Error":"Oh","Cause":"no"}}}')) ? 'stateMachineArn' AS created;
CREATE PROCEDURE run_logged(level text, with_data boolean) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM workflow.api('UpdateStateMachine', jsonb_build_object('stateMachineArn', 'logged', 'loggingConfiguration', logging(level, with_data)));
    PERFORM workflow.start_execution('logged', '{"items":[1]}', level || with_data);
    PERFORM workflow.run_until_idle();
END $$;
CREATE VIEW logged AS SELECT x.name, e.id, e.previous_id, e.type, e.details::text LIKE '%secret%' OR e.details::text LIKE '%items%' AS data
    FROM workflow.executions x LEFT JOIN workflow.history_events e ON e.execution_id = x.id WHERE x.state_machine = 'logged';
CALL run_logged('ALL', true);
CALL run_logged('ALL', false);
CALL run_logged('ERROR', true);
CALL run_logged('ERROR', false);
CALL run_logged('FATAL', true);
CALL run_logged('OFF', true);
SELECT id, previous_id, type, data FROM logged WHERE name = 'ALLtrue' ORDER BY id;
SELECT count(*) FILTER (WHERE data) AS data, count(*) FROM logged WHERE name = 'ALLfalse';
SELECT name, id, previous_id, type, data FROM logged WHERE name !~ 'ALL' ORDER BY name, id;

-- the log, by group; a STANDARD execution's history is whole, and its log is chosen from it
SELECT DISTINCT log_group, state_machine, count(*) OVER (PARTITION BY log_group) FROM workflow.log_events WHERE state_machine = 'logged';
CREATE FUNCTION fail(a int) RETURNS int LANGUAGE sql AS $$ SELECT a / 0 $$;
SELECT workflow.create_state_machine('whole', '{"StartAt":"P","States":{
    "P":{"Type":"Pass","Assign":{"v":"secret"},"Next":"T"},
    "T":{"Type":"Task","Resource":"function:public.fail","Catch":[{"ErrorEquals":["division_by_zero"],"Next":"F"}],"End":true},
    "F":{"Type":"Fail","Error":"Oh"}}}');
CREATE PROCEDURE run_whole(level text, with_data boolean, log_group text) LANGUAGE plpgsql AS $$
BEGIN
    ASSERT workflow.set_logging('whole', level, with_data, log_group) IS NOT NULL;
    PERFORM workflow.start_execution('whole', '{"a":1}', level || with_data);
    PERFORM workflow.run_until_idle();
END $$;
CALL run_whole('ALL', true, NULL);
CALL run_whole('ALL', false, '/a:b/c');
CALL run_whole('ERROR', false, NULL);
CALL run_whole('FATAL', false, 'arn:aws:logs:eu-west-1:2:log-group:far');
CALL run_whole('OFF', false, NULL);
SELECT x.name, count(h.*) AS history FROM workflow.executions x JOIN workflow.history_events h ON h.execution_id = x.id
    WHERE state_machine = 'whole' GROUP BY x.name ORDER BY x.name;
SELECT l.log_group, x.name, l.id, l.previous_id, l.type, json_object_keys(details)
    FROM workflow.executions x JOIN workflow.log_events l ON l.execution_id = x.id
    WHERE x.state_machine = 'whole' AND x.name <> 'ALLtrue' ORDER BY x.name, l.id;
SELECT bool_and(l.details::text IS NOT DISTINCT FROM h.details::text) AS same, count(*) FROM workflow.log_events l
    JOIN workflow.history_events h USING (execution_id, id)
    JOIN workflow.executions x ON x.id = execution_id WHERE x.state_machine = 'whole' AND x.name = 'ALLtrue';
SELECT configuration -> 'loggingConfiguration' FROM workflow.state_machines WHERE name = 'whole';
SELECT workflow.set_logging('whole', 'LOUD');
SELECT workflow.set_logging('whole', NULL);
SELECT workflow.set_logging('whole', 'ALL', true, '');
SELECT workflow.set_logging('nobody''s', 'ALL');
SELECT workflow.api('UpdateStateMachine', '{"stateMachineArn":"whole","loggingConfiguration":{"level":"ALL","destinations":[{}]}}');
SELECT workflow.api('UpdateStateMachine', '{"stateMachineArn":"whole","loggingConfiguration":{"level":"ALL","destinations":[
    {"cloudWatchLogsLogGroup":{"logGroupArn":"arn:aws:s3:::bucket"}}]}}');

-- synchronous executions are stored with what is logged of them, and not at all without
SELECT workflow.api('UpdateStateMachine', jsonb_build_object('stateMachineArn', 'logged', 'loggingConfiguration', logging('FATAL', true))) ? 'revisionId';
BEGIN;
SELECT arn FROM workflow.start_sync_execution('logged', '{"items":[]}') \gset
SELECT status FROM workflow.executions WHERE arn = :'arn';
SELECT arn, status FROM workflow.start_sync_execution('logged', '{"items":[1]}', 'sync') \gset
SELECT name, status, error, cause FROM workflow.executions WHERE arn = :'arn';
SELECT id, previous_id, type, details FROM workflow.history_events
    WHERE execution_id = (SELECT id FROM workflow.executions WHERE arn = :'arn');
ROLLBACK;
SELECT count(*) FROM workflow.executions WHERE name = 'sync';
SELECT status FROM workflow.start_sync_execution('quick', '{}', 'unlogged');
SELECT count(*) FROM workflow.executions WHERE name = 'unlogged';

-- the context object of a synchronous execution knows of no redrive
SELECT workflow.create_state_machine('context', type => 'EXPRESS',
    definition => '{"StartAt":"P","States":{"P":{"Type":"Pass","InputPath":"$$.Execution","End":true}}}');
SELECT output::jsonb - 'Id' - 'RoleArn' AS execution FROM workflow.start_sync_execution('context', '{}', 'c');
SELECT workflow.start_execution('context', '{}', 'c') AS id \gset
SELECT workflow.run_until_idle() > 0 AS ran;
SELECT output::jsonb - 'Id' - 'RoleArn' AS execution, output ->> 'Id' = arn AS id FROM workflow.executions WHERE id = :id;

-- a timer of another branch is no task's time limit: it can wait until the session is free
RESET workflow.clock;
CREATE FUNCTION slow() RETURNS text LANGUAGE sql AS $$ SELECT 'slow' FROM pg_sleep(1.1) $$;
SELECT workflow.create_state_machine('branches', type => 'EXPRESS', definition => '{"StartAt":"B","States":{
    "B":{"Type":"Parallel","End":true,"Branches":[
        {"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":1,"End":true}}},
        {"StartAt":"T","States":{"T":{"Type":"Task","Resource":"function:public.slow","End":true}}}]}}}');
SELECT status, output, error, cause FROM workflow.start_sync_execution('branches');

-- the caller's statement ends with its timeout, whatever it is doing; the execution with its own, and nothing of it stays
CREATE TABLE effect (what text);
CREATE FUNCTION forever() RETURNS void LANGUAGE sql AS $$ INSERT INTO effect VALUES ('forever'); SELECT pg_sleep(1000000) $$;
SELECT workflow.create_state_machine('forever', type => 'EXPRESS',
    definition => '{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"function:public.forever","End":true}}}');
SELECT workflow.create_state_machine('busy', type => 'EXPRESS', definition => '{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},
    "B":{"Type":"Choice","Choices":[{"Variable":"$.end","IsPresent":true,"Next":"C"}],"Default":"A"},"C":{"Type":"Succeed"}}}');
\set VERBOSITY terse
-- each in a transaction whose end takes the timeout along: nothing else is to meet it
BEGIN;
SET LOCAL statement_timeout = '50ms';
SELECT status FROM workflow.start_sync_execution('long');
ROLLBACK;
BEGIN;
SET LOCAL statement_timeout = '50ms';
SELECT status FROM workflow.start_sync_execution('busy');
ROLLBACK;
BEGIN;
SET LOCAL statement_timeout = '50ms';
SELECT status FROM workflow.start_sync_execution('forever');
ROLLBACK;
\set VERBOSITY default
SET workflow.express_timeout = 1;
SELECT status FROM workflow.start_sync_execution('long');
SELECT status FROM workflow.start_sync_execution('busy');
SELECT status FROM workflow.start_sync_execution('forever');
RESET workflow.express_timeout;
SELECT count(*) FROM effect;

-- outcomes are kept for a while, or as long as the machine says
SET workflow.clock = '2026-02-01 00:00:00Z';
SELECT workflow.set_retention('long', '90 days');
SELECT count(*) > 0 AS kept FROM workflow.executions WHERE state_machine = 'quick';
SET workflow.express_retention = -1;
CALL workflow.purge();
SELECT count(*) > 0 AS kept FROM workflow.executions WHERE state_machine = 'quick';
RESET workflow.express_retention;
CALL workflow.purge() \gset
SELECT DISTINCT state_machine FROM workflow.executions WHERE type = 'EXPRESS';

-- a deleted machine's executions are stopped
SELECT workflow.start_execution('long') AS id \gset
SELECT workflow.run_until_idle() > 0 AS ran;
SELECT workflow.delete_state_machine('long');
SELECT workflow.run_until_idle() > 0 AS ran;
SELECT status FROM workflow.executions WHERE id = :id;

SELECT count(workflow.delete_state_machine(name)) > 0 AS deleted FROM workflow.list_state_machines()
    WHERE name IN ('quick', 'limited', 'counting', 'logged', 'whole', 'context', 'branches', 'forever', 'busy');
DROP VIEW logged;
DROP PROCEDURE run_logged, run_whole;
DROP FUNCTION logging, slow, fail, forever;
DROP TABLE effect;
