-- Executions: start, stop, describe, list, history, wait, by the SQL functions.
SET workflow.clock = '2026-01-02 03:04:05Z';
CREATE ROLE workflow_executor;
SELECT workflow.create_state_machine('waits', run_as => 'workflow_executor', definition => '{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":60,"Next":"P"},"P":{"Type":"Pass","Result":{"b":1,"a":[1.0,2]},"End":true}}}');
SELECT workflow.create_state_machine('passes', run_as => 'workflow_executor', definition => '{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}');

-- names and idempotence
SELECT workflow.start_execution('waits', '{"x": 1}', 'one') AS one \gset
SELECT workflow.start_execution('waits', '{"x":1}', 'one') = :one AS same;
SELECT workflow.start_execution('waits', '{"x":2}', 'one');
\echo :SQLSTATE
SELECT workflow.start_execution('passes', '{"x":2}', 'one') <> :one AS another;
SELECT workflow.start_execution('waits', name => 'with blank');
SELECT workflow.start_execution('nosuch');
SELECT workflow.start_execution(NULL);

-- not begun yet: its history begins with the start all the same
SELECT * FROM workflow.get_execution_history(:one);
SELECT status, input, output, started_at, stopped_at FROM workflow.describe_execution(:one);
SELECT workflow.run_until_idle();
SELECT state_machine, frame, parent, state, status, entered_at, due_at, input FROM workflow.live_states WHERE execution_id = :one;
SELECT due_at, state_machine, frame, kind FROM workflow.timers WHERE execution_id = :one;
SELECT id, previous_id, type, at, details FROM workflow.get_execution_history(:one);

-- by name, ARN and id
SELECT name, arn, state_machine FROM workflow.describe_execution('arn:pg:states:local:contrib_regression:execution:waits:one');
SELECT name FROM workflow.describe_execution('one');
SELECT name FROM workflow.describe_execution('nosuch');
\echo :SQLSTATE
SELECT name FROM workflow.describe_execution(999999999);
SELECT name FROM workflow.describe_execution(-1);
SELECT workflow.start_execution('passes') AS unnamed \gset
SELECT name ~ '^[0-9a-f]{8}-[0-9a-f]{4}-8' AS generated, (SELECT d.id FROM workflow.describe_execution(e.name) d) = id AS found
    FROM workflow.describe_execution(:unnamed) e;

-- to the end
SELECT workflow.run_until_idle(true);
SELECT status, input, output, error, cause, started_at, stopped_at FROM workflow.describe_execution(:one);
SELECT id, previous_id, type, at, details FROM workflow.get_execution_history(:one, true);
SELECT id, previous_id, type, at, details::text = (SELECT details::text FROM workflow.get_execution_history(:one) g WHERE g.id = h.id) AS same
    FROM workflow.history_events h WHERE execution_id = :one AND details IS NOT NULL ORDER BY id;
SELECT workflow.start_execution('waits', '{"x":1}', 'one');

-- stop
SELECT workflow.start_execution('waits', name => 'stopped') AS stopped \gset
SELECT workflow.run_until_idle();
SELECT workflow.stop_execution(:stopped, 'Enough', 'that will do');
SELECT workflow.run_until_idle();
SELECT status, error, cause, stopped_at FROM workflow.describe_execution(:stopped);
SELECT workflow.stop_execution('stopped');
SELECT workflow.stop_execution(:stopped, repeat('e', 257));
-- before it has begun
SELECT workflow.start_execution('waits', name => 'never') AS never \gset
SELECT workflow.stop_execution(:never);
SELECT workflow.run_until_idle() > 0 AS stepped;
SELECT status FROM workflow.describe_execution(:never);

-- list
SELECT name, status, started_at, stopped_at FROM workflow.list_executions('waits');
SELECT name FROM workflow.list_executions('waits', 'ABORTED');
SELECT name FROM workflow.list_executions('waits', max_results => 1);
SELECT name FROM workflow.list_executions('waits', 'RUNNING');
SELECT name FROM workflow.list_executions('waits', 'ENDED');
SELECT state_machine, started, running, succeeded, aborted FROM workflow.state_machine_metrics ORDER BY 1;

-- wait
SELECT workflow.wait_for_execution(:one);
SELECT workflow.start_execution('waits', name => 'long') AS long \gset
SELECT workflow.wait_for_execution(:long, '10 ms');
SELECT workflow.wait_for_execution(:long, '-1 s');
SELECT workflow.wait_for_execution(999999999);
CALL workflow.wait_for_execution(:long, '10 ms', NULL);
BEGIN;
SELECT workflow.wait_for_execution(workflow.start_execution('passes'));
ROLLBACK;
BEGIN;
CALL workflow.wait_for_execution(:long, '10 ms', NULL);
ROLLBACK;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT workflow.wait_for_execution(:long, '10 ms');
ROLLBACK;

-- a start that is rolled back never happened
SELECT count(*) AS before FROM workflow.executions \gset
BEGIN;
SELECT workflow.start_execution('passes', name => 'rolled back?') IS NULL;
ROLLBACK;
BEGIN;
SELECT workflow.start_execution('passes', name => 'rolled-back') IS NOT NULL AS started;
ROLLBACK;
SELECT count(*) - :before AS more FROM workflow.executions;

-- too large; a number that nothing can hold
SET workflow.max_payload = 1024;
SELECT workflow.start_execution('passes', to_jsonb(repeat('x', 1023)));
SELECT workflow.start_execution('passes', to_jsonb(repeat('x', 1022))) IS NOT NULL AS fits;
RESET workflow.max_payload;
SELECT workflow.start_execution('passes', '1e400');

SELECT workflow.delete_state_machine(name) FROM workflow.list_state_machines();
SELECT workflow.run_until_idle() > 0 AS stepped;
SELECT count(*) FROM workflow.state_machines;
DROP ROLE workflow_executor;

-- the test clock: a moment or nothing; it stands still whatever else is set
SET workflow.clock = 'soon';
\echo :SQLSTATE
SET workflow.clock = 'infinity';
SET workflow.clock = '2026-02-30 00:00:00Z';
SELECT set_config('workflow.clock', '400000-01-01', false);
SHOW workflow.clock;
SET workflow.clock = '03/04/2026 05:06:07';
SET TimeZone = 'Asia/Kolkata';
SET DateStyle = 'SQL, DMY';
SELECT workflow.create_state_machine('clock', '{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":60,"End":true}}}');
SELECT created_at AT TIME ZONE 'UTC' FROM workflow.describe_state_machine('clock');
SELECT workflow.start_execution('clock', name => 'ticks') IS NOT NULL AS started;
SELECT workflow.run_until_idle(true) > 0 AS ran;
SELECT stopped_at - started_at AS took FROM workflow.describe_execution('ticks');
SHOW workflow.clock;
RESET TimeZone;
RESET DateStyle;
SET workflow.clock = '';
SELECT workflow.run_until_idle(true);
SELECT workflow.delete_state_machine('clock');
