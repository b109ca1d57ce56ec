-- Work outside: activities and their workers, tasks that wait for a token, and who may what.
SET workflow.clock = '2026-01-02 03:04:05Z';
SET workflow.arn_prefix = 'arn:aws:states:us-east-1:111111111111';
CREATE ROLE artisan;
CREATE ROLE stranger;
GRANT USAGE ON SCHEMA workflow TO artisan, stranger;

-- activities
SET ROLE artisan;
SELECT workflow.create_activity('carve');
SELECT workflow.create_activity('carve');
SELECT workflow.create_activity('not good');
SELECT * FROM workflow.describe_activity('carve');
SELECT name, arn, owner, created_at, waiting FROM workflow.activities;
SELECT workflow.api('CreateActivity', '{"name": "paint", "encryptionConfiguration": {"type": "AWS_OWNED_KEY"}}');
SELECT workflow.api('CreateActivity', '{"name": "paint", "encryptionConfiguration": {"type": "CUSTOMER_MANAGED_KMS_KEY"}}');
SELECT workflow.api('DescribeActivity', '{"activityArn": "arn:aws:states:us-east-1:111111111111:activity:paint"}');
SELECT workflow.api('ListActivities', '{"maxResults": 1}') ->> 'nextToken' AS token \gset
SELECT workflow.api('ListActivities', jsonb_build_object('nextToken', :'token'));
SELECT workflow.api('DescribeActivity', '{"activityArn": "arn:aws:states:us-east-1:111111111111:stateMachine:carve"}');
SELECT workflow.api('DeleteActivity', '{"activityArn": "arn:aws:states:us-east-1:111111111111:activity:paint"}');
SELECT workflow.api('DeleteActivity', '{"activityArn": "arn:aws:states:us-east-1:111111111111:activity:paint"}');

-- another role's does not exist for one, but its name is taken
SET ROLE stranger;
SELECT count(*) FROM workflow.list_activities();
SELECT count(*) FROM workflow.activities;
SELECT workflow.describe_activity('carve');
SELECT * FROM workflow.get_activity_task('carve', wait => '0');
SELECT workflow.create_activity('carve');
SELECT workflow.delete_activity('carve');
SELECT * FROM workflow.activity_task;

-- a worker's life
SET ROLE artisan;
SELECT workflow.create_state_machine('figure', '{"StartAt": "Carve", "States": {"Carve": {"Type": "Task", "Resource": "arn:aws:states:us-east-1:111111111111:activity:carve", "Parameters": {"wood.$": "$.wood"}, "TimeoutSeconds": 100, "HeartbeatSeconds": 10, "End": true}}}') LIKE 'arn:%';
SELECT workflow.start_execution('figure', '{"wood": "oak"}') AS id \gset
SELECT * FROM workflow.get_activity_task('carve', wait => '0');
RESET ROLE;
SELECT workflow.run_until_idle();
SET ROLE artisan;
SELECT waiting FROM workflow.activities;
SELECT * FROM workflow.get_activity_task('carve', repeat('x', 81), '0');
SELECT * FROM workflow.get_activity_task('carve', 'w', '-1 s');
SELECT (workflow.get_activity_task('carve', 'Geppetto', '0')).*;
SELECT task_token AS token, input FROM workflow.get_activity_task('carve', 'Geppetto', '0') \gset
SELECT :'input' AS input, length(:'token') AS length;

-- a token is all that one needs; and it must be whole
RESET ROLE;
SET ROLE stranger;
SELECT workflow.send_task_heartbeat('NoSuchTaskToken');
SELECT workflow.send_task_heartbeat(overlay(:'token' PLACING CASE substr(:'token', 16, 1) WHEN 'A' THEN 'B' ELSE 'A' END FROM 16));
SELECT workflow.send_task_heartbeat(' ' || left(:'token', 63));
SELECT workflow.api('SendTaskSuccess', jsonb_build_object('taskToken', :'token', 'output', '{"nose": '));
SELECT workflow.api('SendTaskSuccess', jsonb_build_object('taskToken', :'token'));
SELECT workflow.send_task_success(:'token', to_jsonb(repeat('x', 300000)));
SELECT workflow.send_task_failure(:'token', repeat('x', 257));
SELECT workflow.send_task_failure(:'token', 'x', repeat('x', 32769));
SELECT workflow.send_task_heartbeat(:'token');
SELECT workflow.api('SendTaskSuccess', jsonb_build_object('taskToken', :'token', 'output', '{"nose":  1.0}'));
SELECT workflow.send_task_success(:'token');
RESET ROLE;
SELECT workflow.run_until_idle();
SELECT workflow.send_task_success(:'token');
SELECT id, previous_id, type, details FROM workflow.history_events WHERE execution_id = :id ORDER BY id;

-- no heartbeat; the task's time; an error without a name
SELECT workflow.start_execution('figure', '{"wood": "elm"}') AS id \gset
SELECT workflow.run_until_idle();
SELECT task_token AS token FROM workflow.get_activity_task('carve', wait => '0') \gset
SELECT workflow.run_until_idle();
SET workflow.clock = '2026-01-02 03:04:14Z';
SELECT workflow.send_task_heartbeat(:'token');
SELECT workflow.run_until_idle();
SET workflow.clock = '2026-01-02 03:04:23Z';
SELECT workflow.run_until_idle();
SELECT status FROM workflow.executions WHERE id = :id;
SET workflow.clock = '2026-01-02 03:04:25Z';
SELECT workflow.run_until_idle();
SELECT status, error, cause FROM workflow.executions WHERE id = :id;
SELECT workflow.send_task_heartbeat(:'token');
SELECT type, details FROM workflow.history_events WHERE execution_id = :id AND type LIKE 'Activity%' ORDER BY id;
SELECT workflow.start_execution('figure', '{"wood": "ash"}') AS id \gset
SELECT workflow.run_until_idle();
SELECT workflow.api('GetActivityTask', '{"activityArn": "arn:aws:states:us-east-1:111111111111:activity:carve"}') ->> 'taskToken' AS token \gset
SELECT workflow.api('SendTaskFailure', jsonb_build_object('taskToken', :'token'));
SELECT workflow.run_until_idle();
SELECT status, error, cause FROM workflow.executions WHERE id = :id;

-- the activity is deleted: what waits goes on waiting, what comes later fails
SELECT workflow.start_execution('figure', '{"wood": "fir"}') AS waiting \gset
SELECT workflow.run_until_idle();
SELECT workflow.delete_activity('carve');
SELECT workflow.start_execution('figure', '{"wood": "yew"}') AS id \gset
SELECT workflow.run_until_idle();
SELECT id = :id AS later, status, error, cause FROM workflow.executions WHERE id IN (:id, :waiting) ORDER BY id;
SELECT workflow.create_activity('carve') IS NOT NULL;
SELECT * FROM workflow.get_activity_task('carve', wait => '0');
SELECT workflow.stop_execution(:waiting) IS NOT NULL;
SELECT workflow.run_until_idle();
SELECT count(*) FROM workflow.activity_task;

-- a token, the same before, during and after the attempt, another for the next; answered by the task's own function, too
CREATE TABLE asked (token text, context text);
CREATE FUNCTION ask(token text) RETURNS text LANGUAGE sql AS $$
    INSERT INTO asked VALUES (token, workflow.context() -> 'Task' ->> 'Token') RETURNING 'asked' $$;
CREATE FUNCTION answer(token text) RETURNS text LANGUAGE sql AS $$
    SELECT workflow.send_task_success(token, '"at once"'); SELECT 'asked' $$;
SELECT workflow.create_state_machine('question', '{"StartAt": "Ask", "States": {
    "Ask": {"Type": "Task", "Resource": "function:public.ask.waitForTaskToken", "Parameters": {"token.$": "$$.Task.Token"},
        "ResultSelector": {"answer.$": "$", "token.$": "$$.Task.Token"}, "Retry": [{"ErrorEquals": ["What"], "IntervalSeconds": 1}], "Next": "Answer"},
    "Answer": {"Type": "Task", "Resource": "function:public.answer.waitForTaskToken", "Parameters": {"token.$": "$$.Task.Token"}, "ResultPath": "$.own", "End": true}}}') LIKE 'arn:%';
SELECT workflow.start_execution('question') AS id \gset
SELECT workflow.run_until_idle();
SELECT workflow.send_task_failure(token, 'What', 'was that?') FROM asked;
SELECT workflow.run_until_idle(advance_clock => true) > 0;
SELECT count(*), count(DISTINCT token), bool_and(token = context) AS same FROM asked;
SELECT workflow.send_task_success(token, '42') FROM asked ORDER BY ctid DESC LIMIT 1;
SELECT workflow.run_until_idle(advance_clock => true) > 0;
SELECT status, output ->> 'answer' AS answer, output ->> 'own' AS own, output ->> 'token' = (SELECT token FROM asked ORDER BY ctid DESC LIMIT 1) AS same
FROM workflow.executions WHERE id = :id;
SELECT id, previous_id, type, details - 'parameters' - 'input' - 'output' - 'region' AS details
FROM (SELECT id, previous_id, type, details::jsonb FROM workflow.history_events WHERE execution_id = :id) h WHERE type LIKE 'Task%' AND type NOT LIKE 'TaskState%' ORDER BY id;

-- where nothing waits for a token, there is none
SELECT workflow.create_state_machine('none', '{"StartAt": "Ask", "States": {"Ask": {"Type": "Task", "Resource": "function:public.ask", "Parameters": {"token.$": "$$.Task.Token"}, "End": true}}}') LIKE 'arn:%';
SELECT workflow.start_execution('none') AS id \gset
SELECT workflow.run_until_idle();
SELECT status, error, cause FROM workflow.executions WHERE id = :id;
SELECT count(*) FROM workflow.inbox;

-- waiting that would never end
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT * FROM workflow.get_activity_task('carve', wait => '1 s');
ROLLBACK;
BEGIN;
CALL workflow.get_activity_task('carve', NULL, '1 s', NULL, NULL);
ROLLBACK;
CALL workflow.get_activity_task('carve', NULL, '0', NULL, NULL);

-- tags
SET ROLE artisan;
SELECT workflow.create_activity('weave');
SELECT workflow.api('CreateActivity', '{"name": "spin", "tags": [{"key": "b", "value": "2"}, {"key": "a"}]}') ->> 'activityArn' AS spin \gset
SELECT workflow.api('CreateActivity', '{"name": "spin", "tags": [{"key": "c"}]}') IS NOT NULL;
SELECT workflow.api('ListTagsForResource', jsonb_build_object('resourceArn', :'spin'));
SELECT workflow.api('TagResource', jsonb_build_object('resourceArn', :'spin', 'tags', '[{"key": "b", "value": "3"}]'::jsonb));
SELECT workflow.api('UntagResource', jsonb_build_object('resourceArn', :'spin', 'tagKeys', '["a"]'::jsonb));
SELECT workflow.api('ListTagsForResource', jsonb_build_object('resourceArn', :'spin'));
SELECT workflow.api('TagResource', jsonb_build_object('resourceArn', :'spin', 'tags', (SELECT jsonb_agg(jsonb_build_object('key', i::text)) FROM generate_series(1, 50) i)));
SELECT workflow.api('CreateActivity', jsonb_build_object('name', 'many', 'tags', (SELECT jsonb_agg(jsonb_build_object('key', i::text)) FROM generate_series(1, 51) i)));

-- who may poll an activity is for its owner to say
SET ROLE stranger;
SELECT workflow.api('ListTagsForResource', jsonb_build_object('resourceArn', :'spin'));
SELECT workflow.grant_activity('weave', 'stranger', 'poll');
RESET ROLE;
SET ROLE artisan;
SELECT workflow.grant_activity('weave', 'stranger', 'read');
SELECT workflow.grant_activity('weave', 'nobody at all', 'poll');
SELECT workflow.grant_activity('weave', 'stranger', 'poll');
SELECT * FROM workflow.activity_privileges;
SELECT workflow.create_state_machine('cloth', '{"StartAt": "Weave", "States": {"Weave": {"Type": "Task", "Resource": "activity:weave", "End": true}}}') LIKE 'arn:%';
SELECT workflow.start_execution('cloth', '"wool"') AS cloth \gset
RESET ROLE;
SELECT workflow.run_until_idle();
SET ROLE stranger;
SELECT name, waiting FROM workflow.activities;
SELECT name FROM workflow.list_activities();
SELECT name, owner FROM workflow.describe_activity('weave');
SELECT grantee, privilege FROM workflow.activity_privileges;
SELECT workflow.delete_activity('weave');
SELECT workflow.api('TagResource', '{"resourceArn": "arn:aws:states:us-east-1:111111111111:activity:weave", "tags": []}');
SELECT input, workflow.send_task_success(task_token, '"cloth"') FROM workflow.get_activity_task('weave', wait => '0');
RESET ROLE;
SELECT workflow.run_until_idle();
SELECT status, output FROM workflow.executions WHERE id = :cloth;
SET ROLE artisan;
SELECT workflow.revoke_activity('weave', 'stranger', 'poll');
SET ROLE stranger;
SELECT * FROM workflow.get_activity_task('weave', wait => '0');
SELECT count(*) FROM workflow.activities;
RESET ROLE;
SELECT workflow.grant_activity('weave', 'public', 'manage');
SET ROLE stranger;
SELECT workflow.delete_activity('weave');
RESET ROLE;
SELECT count(*) FROM workflow.activity_privilege;

-- an activity outlives the role that owns it, and a superuser's word decides
CREATE ROLE weaver;
GRANT USAGE ON SCHEMA workflow TO weaver;
SET ROLE weaver;
SELECT workflow.create_activity('left-behind');
SELECT workflow.grant_activity('left-behind', 'stranger', 'poll');
RESET ROLE;
DROP OWNED BY weaver;
DROP ROLE weaver;
SET ROLE stranger;
SELECT name FROM workflow.list_activities();
SELECT name FROM workflow.activities;
SELECT task_token FROM workflow.get_activity_task('left-behind', wait => '0');
RESET ROLE;
SELECT name FROM workflow.activities WHERE name = 'left-behind';
SELECT workflow.delete_activity('left-behind');
SELECT count(*) FROM workflow.activities WHERE name = 'left-behind';
