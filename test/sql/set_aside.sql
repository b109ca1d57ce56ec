-- What is set aside: for a worker who has time, or an answer that came before its question.  Nothing of it is left behind.
SET workflow.clock = '2026-01-02 03:04:05Z';
CREATE ROLE machinist;
CREATE ROLE bystander;
GRANT USAGE ON SCHEMA workflow TO machinist, bystander;
GRANT EXECUTE ON FUNCTION workflow.run_until_idle TO bystander;
CREATE FUNCTION tell(token text) RETURNS void LANGUAGE sql AS '';
CREATE VIEW left_behind AS SELECT (SELECT count(*) FROM workflow.ready) AS ready, (SELECT count(*) FROM workflow.inbox) AS inbox,
    (SELECT count(*) FROM workflow.timer) AS timers, (SELECT count(*) FROM workflow.live_execution) AS live;

-- An answer that overtook its task is kept for it; not if the execution ends in the same turn.  (A bystander fires timers and
-- reads the inbox, but runs no task of the machinist's.)
SELECT workflow.create_state_machine('overtaken', '{"StartAt": "Wait", "TimeoutSeconds": 100, "States": {
    "Wait": {"Type": "Wait", "Seconds": 1, "Next": "Task"},
    "Task": {"Type": "Task", "Resource": "function:public.tell.waitForTaskToken", "Parameters": {"token.$": "$$.Task.Token"}, "End": true}}}',
    run_as => 'machinist') LIKE 'arn:%';
SELECT workflow.start_execution('overtaken') AS stopped \gset
SELECT workflow.start_execution('overtaken') AS timed \gset
SELECT workflow.run_until_idle();
SET workflow.clock = '2026-01-02 03:04:06Z';
SET ROLE bystander;
SELECT workflow.run_until_idle();
RESET ROLE;
SELECT workflow.send_task_success(details -> 'parameters' ->> 'token', '1') FROM workflow.history_events WHERE type = 'TaskScheduled' ORDER BY execution_id;
SELECT workflow.stop_execution(:stopped) IS NOT NULL AS stopped;
SET workflow.clock = '2026-01-02 03:06:00Z';
SET ROLE bystander;
SELECT workflow.run_until_idle();
RESET ROLE;
SELECT status FROM workflow.executions WHERE id IN (:stopped, :timed) ORDER BY id;
SELECT workflow.run_until_idle();
SELECT * FROM left_behind;

-- Of two timers of a frame, one of which is left over from what it waited for before, the one that counts is set aside,
-- whichever was due first.
SELECT workflow.create_state_machine('left_over', '{"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 100, "End": true}}}') LIKE 'arn:%';
SELECT workflow.start_execution('left_over') AS first \gset
SELECT workflow.start_execution('left_over') AS second \gset
SELECT workflow.run_until_idle();
INSERT INTO workflow.timer (due_at, execution_id, frame, serial, role, kind)
    SELECT due_at + CASE execution_id WHEN :first THEN interval '-1 s' ELSE interval '1 s' END, execution_id, frame, serial - 1, NULL, kind
    FROM workflow.timer WHERE execution_id IN (:first, :second);
INSERT INTO workflow.ready (role, id, execution_id, kind, alone)
    SELECT current_user::regrole, id, id, 'i', true FROM workflow.executions WHERE id IN (:first, :second);
SET workflow.clock = '2026-01-02 03:10:00Z';
SET ROLE bystander;
SELECT workflow.run_until_idle();
RESET ROLE;
SELECT execution_id = :first AS first, due_at, kind FROM workflow.timer ORDER BY execution_id;
SELECT workflow.run_until_idle();
SELECT status FROM workflow.executions WHERE id IN (:first, :second) ORDER BY id;
SELECT * FROM left_behind;

-- A task whose time is over takes no answer, also while that still waits to be carried out.
SELECT workflow.create_state_machine('late', '{"StartAt": "Task", "States": {"Task": {"Type": "Task", "TimeoutSeconds": 100,
    "Resource": "function:public.tell.waitForTaskToken", "Parameters": {"token.$": "$$.Task.Token"}, "End": true}}}') LIKE 'arn:%';
SELECT workflow.start_execution('late') AS late \gset
SELECT workflow.run_until_idle();
SELECT details -> 'parameters' ->> 'token' AS token FROM workflow.history_events WHERE execution_id = :late AND type = 'TaskScheduled' \gset
SELECT workflow.send_task_heartbeat(:'token');
INSERT INTO workflow.ready (role, id, execution_id, kind, alone) VALUES (current_user::regrole, :late, :late, 'i', true);
SET workflow.clock = '2026-01-02 03:20:00Z';
SET ROLE bystander;
SELECT workflow.run_until_idle();
RESET ROLE;
SELECT workflow.send_task_heartbeat(:'token');
SELECT workflow.send_task_success(:'token', '1');
SELECT workflow.run_until_idle();
SELECT status, error FROM workflow.executions WHERE id = :late;
SELECT * FROM left_behind;

DROP VIEW left_behind;
DROP FUNCTION tell;
SELECT workflow.delete_state_machine(name) IS NOT NULL AS deleted FROM unnest(ARRAY['overtaken', 'left_over', 'late']) name;
SELECT workflow.run_until_idle();
DROP OWNED BY machinist, bystander;
DROP ROLE machinist, bystander;
