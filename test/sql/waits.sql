-- Executions that wait very often: their rows move on in their indexes from epoch to epoch (64 events), and what waits
-- meanwhile is taken along.
SET workflow.clock = '2026-01-02 03:04:05Z';
CREATE FUNCTION one_more(i int) RETURNS int LANGUAGE sql AS 'SELECT i + 1';
SELECT workflow.create_state_machine('long', '{"StartAt": "Both", "States": {"Both": {"Type": "Parallel", "End": true, "Branches": [
    {"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 86400, "End": true}}},
    {"StartAt": "Zero", "States": {
        "Zero": {"Type": "Pass", "Result": 0, "ResultPath": "$.i", "Next": "Wait"},
        "Wait": {"Type": "Wait", "Seconds": 1, "Next": "Add"},
        "Add": {"Type": "Task", "Resource": "function:public.one_more", "Parameters": {"i.$": "$.i"}, "ResultPath": "$.i", "Next": "Each"},
        "Each": {"Type": "Map", "ItemsPath": "$.items", "ResultPath": "$.each", "Next": "Enough", "MaxConcurrency": 1,
            "ItemProcessor": {"StartAt": "Nap", "States": {"Nap": {"Type": "Wait", "Seconds": 1, "End": true}}}},
        "Enough": {"Type": "Choice", "Default": "Wait", "Choices": [{"Variable": "$.i", "NumericEquals": 100, "Next": "End"}]},
        "End": {"Type": "Succeed"}}}]}}}') LIKE 'arn:%';
SELECT workflow.start_execution('long', '{"items": [1, 2, 3]}') AS id \gset

-- four seconds for a round; a transaction for each wait
CREATE PROCEDURE pass_seconds(n int) LANGUAGE plpgsql AS $$
BEGIN
    FOR i IN 1 .. n LOOP
        PERFORM set_config('workflow.clock', (current_setting('workflow.clock')::timestamptz + interval '1 s')::text, false);
        PERFORM workflow.run_until_idle();
        COMMIT;
    END LOOP;
END $$;
CALL pass_seconds(200);
SELECT epoch, last_event_id / 64 = epoch AS present, epoch - oldest_epoch < 4 AS frames_keep_up FROM workflow.live_execution WHERE execution_id = :id;
SELECT f.id, f.parent, f.status, f.state_name, f.epoch BETWEEN l.oldest_epoch AND l.epoch AS in_place
FROM workflow.frame f JOIN workflow.live_execution l USING (execution_id) WHERE execution_id = :id AND f.status <> 'e' ORDER BY f.id;

-- what has ended waits for its owner, out of the way
CALL pass_seconds(3);
SELECT status, epoch = -1 AS ended, count(*) FROM workflow.frame WHERE execution_id = :id GROUP BY 1, 2 ORDER BY 1;
CALL pass_seconds(201);
SELECT workflow.run_until_idle(advance_clock => true) > 0 AS rested;
SELECT status, error, output FROM workflow.executions WHERE id = :id;
SELECT count(*), count(*) = max(id) AS gapless, count(*) FILTER (WHERE type = 'WaitStateExited') AS waits
FROM workflow.history_events WHERE execution_id = :id;
SELECT (SELECT count(*) FROM workflow.frame WHERE execution_id = :id) + (SELECT count(*) FROM workflow.live_execution WHERE execution_id = :id)
    + (SELECT count(*) FROM workflow.timer WHERE execution_id = :id) + (SELECT count(*) FROM workflow.ready WHERE execution_id = :id) AS left;
DROP PROCEDURE pass_seconds;
DROP FUNCTION one_more;

-- a task waits since its attempt has begun
SELECT workflow.create_state_machine('tried', '{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "notify:tried.waitForTaskToken",
    "TimeoutSeconds": 10, "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 5}], "End": true}}}') LIKE 'arn:%';
SET workflow.clock = '2026-02-02 03:04:05Z';
SELECT workflow.start_execution('tried') AS id \gset
SELECT workflow.run_until_idle();
SELECT state, attempt, since - '2026-02-02 03:04:05Z' AS since FROM workflow.waiting_tasks;
SET workflow.clock = '2026-02-02 03:04:15Z';
SELECT workflow.run_until_idle();
SET workflow.clock = '2026-02-02 03:04:20Z';
SELECT workflow.run_until_idle();
SELECT state, attempt, since - '2026-02-02 03:04:05Z' AS since FROM workflow.waiting_tasks;
SELECT workflow.stop_execution(:id) IS NOT NULL AS stopped;
SELECT workflow.run_until_idle();
