-- Tasks that poll an activity: they wait without a worker, for a task or for the end of a minute.
SET workflow.clock = '2026-01-02 03:04:05Z';
SET workflow.arn_prefix = 'arn:aws:states:us-east-1:111111111111';
CREATE ROLE tanner;
GRANT USAGE ON SCHEMA workflow TO tanner;
GRANT tanner TO CURRENT_USER;
SET ROLE tanner;
SELECT workflow.create_activity('tan') AS arn \gset
SELECT workflow.create_state_machine('hide', '{"StartAt": "Tan", "States": {"Tan": {"Type": "Task", "Resource": "activity:tan", "End": true}}}') LIKE 'arn:%';
SELECT workflow.create_state_machine('tannery', '{"StartAt": "Poll", "States": {
    "Poll": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:getActivityTask", "Parameters": {"ActivityArn.$": "$.arn", "WorkerName.$": "$.name"},
        "TimeoutSeconds": 300, "ResultPath": "$.task", "Next": "Any"},
    "Any": {"Type": "Choice", "Choices": [{"Variable": "$.task.TaskToken", "IsPresent": true, "Next": "Answer"}], "Default": "None"},
    "None": {"Type": "Succeed", "OutputPath": "$.task"},
    "Answer": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:sendTaskSuccess", "Parameters": {"TaskToken.$": "$.task.TaskToken", "Output.$": "$.task.Input"},
        "ResultPath": null, "OutputPath": "$.name", "End": true}}}') LIKE 'arn:%';
CREATE VIEW pg_temp.ends AS SELECT name, status, output, error, cause FROM workflow.executions
    WHERE state_machine IN ('hide', 'tannery', 'hasty', 'both', 'twice', 'quick', 'asker') ORDER BY id;
RESET ROLE;

-- two wait, and hold nothing but their places; who came first is served first
SELECT workflow.start_execution('tannery', jsonb_build_object('arn', :'arn', 'name', name), name) > 0 FROM unnest(ARRAY['first', 'second']) name;
SELECT workflow.run_until_idle();
SELECT workflow.run_until_idle();
SELECT (SELECT count(*) FROM workflow.ready) AS ready, state, status FROM workflow.waiting_tasks WHERE state_machine = 'tannery' ORDER BY execution_id;
SELECT due_at - '2026-01-02 03:04:05Z'::timestamptz AS due, kind FROM workflow.timers WHERE state_machine = 'tannery' ORDER BY execution_id;
SELECT workflow.start_execution('hide', '{"of": "calf"}', 'one') > 0;
SELECT workflow.run_until_idle();
SELECT * FROM pg_temp.ends;
SELECT h.type, h.details FROM workflow.history_events h JOIN workflow.executions x ON x.id = execution_id WHERE x.name = 'one' AND h.type LIKE 'Activity%' ORDER BY h.id;
SELECT h.type FROM workflow.history_events h JOIN workflow.executions x ON x.id = execution_id WHERE x.name = 'first' ORDER BY h.id;
SELECT kind, count(*) FROM workflow.timers GROUP BY kind ORDER BY kind;

-- a task that is there already needs no wait; of several, each gets one
SELECT workflow.start_execution('hide', to_jsonb(i), 'hide-' || i) > 0 FROM generate_series(1, 3) i;
SELECT workflow.start_execution('tannery', jsonb_build_object('arn', :'arn', 'name', name), name) > 0 FROM unnest(ARRAY['third', 'fourth']) name;
SELECT workflow.run_until_idle();
SELECT name, status FROM pg_temp.ends WHERE name LIKE 'hide%' OR name IN ('second', 'third', 'fourth');

-- nothing comes for a minute
SELECT workflow.start_execution('tannery', jsonb_build_object('arn', :'arn', 'name', name), name) > 0 FROM unnest(ARRAY['patient']) name;
SELECT workflow.run_until_idle();
SET workflow.clock = '2026-01-02 03:05:04Z';
SELECT workflow.run_until_idle();
SET workflow.clock = '2026-01-02 03:05:05Z';
SELECT workflow.run_until_idle();
SELECT status, output FROM pg_temp.ends WHERE name = 'patient';
SELECT h.type FROM workflow.history_events h JOIN workflow.executions x ON x.id = execution_id WHERE x.name = 'patient' ORDER BY h.id;
SELECT count(*) FROM workflow.activity_poll;
SELECT count(*) FROM workflow.timer;

-- who is stopped while waiting, or whose time is over, passes it on
SELECT workflow.create_state_machine('hasty', '{"StartAt": "Poll", "States": {"Poll": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:getActivityTask", "Parameters": {"ActivityArn.$": "$.arn"}, "TimeoutSeconds": 5, "End": true}}}') LIKE 'arn:%';
SELECT workflow.start_execution('hasty', jsonb_build_object('arn', :'arn'), 'late') > 0;
SELECT workflow.start_execution('tannery', jsonb_build_object('arn', :'arn', 'name', 'stopped'), 'stopped') AS stopped \gset
SELECT workflow.start_execution('tannery', jsonb_build_object('arn', :'arn', 'name', 'heir'), 'heir') > 0;
SELECT workflow.run_until_idle();
SET workflow.clock = '2026-01-02 03:05:11Z';
SELECT workflow.stop_execution(:stopped) IS NOT NULL;
SELECT workflow.start_execution('hide', '"ox"', 'ox') > 0;
SELECT workflow.run_until_idle();
SELECT name, status, output, error FROM pg_temp.ends WHERE name IN ('late', 'stopped', 'heir', 'ox');
SELECT count(*) FROM workflow.activity_poll;
SELECT count(*) FROM workflow.timer;

-- a task that is rolled back is given back to who waits
SELECT workflow.start_execution('hide', '"goat"', 'goat') > 0;
SELECT workflow.run_until_idle();
BEGIN;
SELECT input FROM workflow.get_activity_task('tan', wait => '0');
SELECT workflow.start_execution('tannery', jsonb_build_object('arn', :'arn', 'name', 'goatherd'), 'goatherd') > 0;
SELECT workflow.run_until_idle();
SELECT count(*) FROM workflow.activity_poll;
ROLLBACK;
SELECT workflow.start_execution('tannery', jsonb_build_object('arn', :'arn', 'name', 'goatherd'), 'goatherd') > 0;
SELECT workflow.run_until_idle();
SELECT name, status, output FROM pg_temp.ends WHERE name IN ('goat', 'goatherd');

-- branches of one execution may serve each other
SELECT workflow.create_state_machine('both', replace('{"StartAt": "Both", "States": {"Both": {"Type": "Parallel", "End": true, "Branches": [
    {"StartAt": "Poll", "States": {
        "Poll": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:getActivityTask", "Parameters": {"ActivityArn": "ARN"}, "Next": "Answer"},
        "Answer": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:sendTaskSuccess", "Parameters": {"TaskToken.$": "$.TaskToken", "Output.$": "$.Input"}, "End": true}}},
    {"StartAt": "Tan", "States": {"Tan": {"Type": "Task", "Resource": "activity:tan", "End": true}}}]}}}', 'ARN', :'arn')) LIKE 'arn:%';
SELECT workflow.start_execution('both', '{"of": "kid"}', 'both') > 0;
SELECT workflow.run_until_idle() > 0;
SELECT name, status, output FROM pg_temp.ends WHERE name = 'both';

-- one that waits for a token, too, asks for it when it has its task
SELECT workflow.create_state_machine('twice', '{"StartAt": "Poll", "States": {"Poll": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:getActivityTask.waitForTaskToken", "Parameters": {"ActivityArn.$": "$.arn", "WorkerName.$": "$$.Task.Token"}, "End": true}}}') LIKE 'arn:%';
SELECT workflow.start_execution('twice', jsonb_build_object('arn', :'arn'), 'twice') > 0;
SELECT workflow.run_until_idle() > 0;
SELECT h.type FROM workflow.history_events h JOIN workflow.executions x ON x.id = execution_id WHERE x.name = 'twice' ORDER BY h.id;
SELECT workflow.run_until_idle(advance_clock => true) > 0;
SELECT h.type, h.details -> 'error' AS error FROM workflow.history_events h JOIN workflow.executions x ON x.id = execution_id WHERE x.name = 'twice' ORDER BY h.id DESC LIMIT 1;

-- EXPRESS executions wait, too; synchronous ones are answered at once where time stands still, and so is a function
SELECT workflow.create_state_machine('quick', '{"StartAt": "Poll", "States": {"Poll": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:getActivityTask", "Parameters": {"ActivityArn.$": "$.arn"}, "End": true}}}', type => 'EXPRESS') LIKE 'arn:%';
SELECT status, output FROM workflow.start_sync_execution('quick', jsonb_build_object('arn', :'arn'));
SELECT workflow.start_execution('quick', jsonb_build_object('arn', :'arn')) > 0;
SELECT workflow.run_until_idle() > 0;
SELECT count(*) FROM workflow.activity_poll;
SELECT workflow.run_until_idle(advance_clock => true) > 0;
SELECT count(*) FROM workflow.activity_poll;
SELECT output FROM workflow.executions WHERE state_machine = 'quick';
CREATE FUNCTION ask_for_work(activity text) RETURNS text LANGUAGE sql AS $$ SELECT coalesce(input::text, 'nothing') FROM workflow.get_activity_task(activity) $$;
SELECT workflow.create_state_machine('asker', '{"StartAt": "Ask", "States": {"Ask": {"Type": "Task", "Resource": "function:public.ask_for_work", "Parameters": {"activity": "tan"}, "End": true}}}') LIKE 'arn:%';
SELECT workflow.start_execution('asker', name => 'asker') > 0;
SELECT workflow.run_until_idle() > 0;
SELECT name, status, output FROM pg_temp.ends WHERE name = 'asker';

-- a role that may not poll an activity may have the tasks of machines that run as itself there, and no others
CREATE ROLE shoemaker;
GRANT USAGE ON SCHEMA workflow TO shoemaker;
GRANT shoemaker TO CURRENT_USER;
SET ROLE shoemaker;
SELECT * FROM workflow.get_activity_task('tan', wait => '0');
SELECT workflow.create_state_machine('shoe', '{"StartAt": "Tan", "States": {"Tan": {"Type": "Task", "Resource": "activity:tan", "End": true}}}') LIKE 'arn:%';
SELECT workflow.create_state_machine('shoemaker', '{"StartAt": "Poll", "States": {"Poll": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:getActivityTask", "Parameters": {"ActivityArn.$": "$.arn"}, "End": true}}}') LIKE 'arn:%';
SELECT workflow.start_execution('shoemaker', jsonb_build_object('arn', :'arn')) > 0;
RESET ROLE;
SELECT workflow.start_execution('hide', '"not theirs"', 'guarded') > 0;
SELECT workflow.run_until_idle() > 0;
SELECT state_machine, status FROM workflow.executions WHERE state_machine = 'shoemaker';
SELECT workflow.start_execution('shoe', '"theirs"', 'shoe') > 0;
SELECT workflow.run_until_idle() > 0;
SELECT state_machine, status, output ->> 'Input' AS input FROM workflow.executions WHERE state_machine = 'shoemaker';
BEGIN;
SELECT count(workflow.start_execution('hide', to_jsonb(i))) FROM generate_series(1, 300) i;
SELECT workflow.run_until_idle() > 0;
SELECT pg_stat_get_xact_tuples_fetched('workflow.activity_task'::regclass) AS before \gset
SELECT workflow.start_execution('shoemaker', jsonb_build_object('arn', :'arn'), 'frugal') > 0;
SELECT workflow.run_until_idle() > 0;
SELECT pg_stat_get_xact_tuples_fetched('workflow.activity_task'::regclass) - :before < 100 AS steps_over_no_others;
ROLLBACK;
SELECT workflow.start_execution('shoemaker', jsonb_build_object('arn', :'arn'), 'granted') > 0;
SELECT workflow.run_until_idle() > 0;
SET ROLE tanner;
SELECT workflow.grant_activity('tan', 'shoemaker', 'poll');
RESET ROLE;
SELECT workflow.run_until_idle() > 0;
SELECT state_machine, status, output ->> 'Input' AS input FROM workflow.executions WHERE name = 'granted';

-- a task that is too large for a result fails who polls for it, waiting or not, and is there for others
SELECT workflow.start_execution('hasty', jsonb_build_object('arn', :'arn'), 'overloaded-1') > 0;
SELECT workflow.run_until_idle() > 0;
SELECT workflow.start_execution('hide', to_jsonb(repeat('"', 100000)), 'elephant') > 0;
SELECT workflow.run_until_idle() > 0;
SELECT workflow.start_execution('hasty', jsonb_build_object('arn', :'arn'), 'overloaded-2') > 0;
SELECT workflow.run_until_idle() > 0;
SELECT name, status, error FROM workflow.executions WHERE name LIKE 'overloaded%' ORDER BY id;
SELECT waiting FROM workflow.activities WHERE name = 'tan';
SELECT length(input::text), workflow.send_task_success(task_token, '"tanned"') FROM workflow.get_activity_task('tan', wait => '0');
SELECT workflow.run_until_idle() > 0;
SELECT status, output FROM workflow.executions WHERE name = 'elephant';

-- an activity that is deleted ends all waits for it
SELECT workflow.start_execution('tannery', jsonb_build_object('arn', :'arn', 'name', name), name) > 0 FROM unnest(ARRAY['orphan', 'other']) name;
SELECT workflow.run_until_idle() > 0;
SELECT count(*) FROM workflow.activity_poll;
SELECT workflow.delete_activity('tan');
SELECT workflow.run_until_idle() > 0;
SELECT name, status, error, regexp_replace(cause, 'Request ID: [0-9a-f-]+', 'Request ID: …') AS cause FROM pg_temp.ends WHERE name IN ('orphan', 'other');
SELECT h.type FROM workflow.history_events h JOIN workflow.executions x ON x.id = execution_id WHERE x.name = 'orphan' ORDER BY h.id;
SELECT count(*) FROM workflow.activity_poll;
SELECT count(*) FROM workflow.timer;
