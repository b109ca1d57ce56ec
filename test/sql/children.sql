-- Tasks that start executions and wait for them, and the service's own actions as tasks.
SET workflow.clock = '2026-01-02 03:04:05Z';
SET workflow.arn_prefix = 'arn:aws:states:eu-west-1:123456789012';
CREATE ROLE workflow_parent;
CREATE ROLE workflow_auditor;
GRANT USAGE ON SCHEMA workflow TO workflow_parent, workflow_auditor;
\set arn 'arn:aws:states:eu-west-1:123456789012:stateMachine:'
-- a machine of one Task
CREATE FUNCTION pg_temp.task(resource text, parameters jsonb, more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
    SELECT jsonb_build_object('StartAt', 'T', 'States', jsonb_build_object('T',
        jsonb_build_object('Type', 'Task', 'Resource', resource, 'Parameters', parameters, 'End', true) || more))::text $$;
-- what an execution of such a machine comes to
CREATE FUNCTION pg_temp.end_of(machine text) RETURNS TABLE (status text, error text, result text) LANGUAGE sql AS $$
    SELECT status, error, regexp_replace(coalesce(output::text, cause), '[0-9a-f]{8}-[0-9a-f-]{27}', 'some-id', 'g')
    FROM workflow.executions WHERE state_machine = machine AND parent_id IS NULL ORDER BY id DESC LIMIT 1 $$;
CREATE FUNCTION pg_temp.events(machine text) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT concat_ws(' ', id, previous_id, type, details ->> 'resourceType', details ->> 'resource')
    FROM workflow.history_events WHERE execution_id = (SELECT max(id) FROM workflow.executions WHERE state_machine = machine)
    ORDER BY id $$;

SELECT workflow.create_state_machine('good', '{"StartAt":"P","States":{"P":{"Type":"Pass","Result":{"b":1,"a":[true]},"End":true}}}',
    'workflow_parent') IS NOT NULL AS created;
SELECT workflow.create_state_machine('bad', '{"StartAt":"F","States":{"F":{"Type":"Fail","Error":"Wrong","Cause":"why"}}}',
    'workflow_parent') IS NOT NULL AS created;
SELECT workflow.create_state_machine('sleeper', '{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":60,"End":true}}}',
    'workflow_parent') IS NOT NULL AS created;

-- request and response: the execution begins with the task's commit
SELECT workflow.create_state_machine('start', pg_temp.task('arn:aws:states:::states:startExecution',
    jsonb_build_object('StateMachineArn', :'arn' || 'good', 'Input', '{"x": 1}'::jsonb, 'Name', 'one')), 'workflow_parent') IS NOT NULL AS created;
SELECT workflow.start_execution('start') AS parent \gset
SELECT workflow.run_until_idle();
SELECT * FROM pg_temp.end_of('start');
SELECT pg_temp.events('start');
SELECT state_machine, name, status, input, parent_id = :parent AS child FROM workflow.executions WHERE name = 'one';

-- a name that is taken
SELECT workflow.start_execution('start') IS NOT NULL AS started;
SELECT workflow.run_until_idle();
SELECT * FROM pg_temp.end_of('start');

-- .sync: the child's description, with texts; .sync:2 with JSON
SELECT workflow.create_state_machine('sync', pg_temp.task('states:startExecution.sync',
    jsonb_build_object('StateMachineArn', :'arn' || 'good', 'Input', '{"x": 1}'::jsonb, 'Name', 'two')), 'workflow_parent') IS NOT NULL AS created;
SELECT workflow.create_state_machine('sync2', pg_temp.task('arn:aws:states:::states:startExecution.sync:2',
    jsonb_build_object('StateMachineArn', 'good', 'Input', 5, 'Name', 'three')), 'workflow_parent') IS NOT NULL AS created;
SELECT workflow.start_execution('sync') IS NOT NULL AND workflow.start_execution('sync2') IS NOT NULL AS started;
SELECT workflow.run_until_idle();
SELECT * FROM pg_temp.end_of('sync');
SELECT * FROM pg_temp.end_of('sync2');
SELECT pg_temp.events('sync2');
SELECT count(*) AS awaited FROM workflow.awaited_execution;

-- a child that fails, in both forms
SELECT workflow.create_state_machine('sync_bad', pg_temp.task('states:startExecution.sync',
    jsonb_build_object('StateMachineArn', 'bad', 'Name', 'four')), 'workflow_parent') IS NOT NULL AS created;
SELECT workflow.start_execution('sync_bad') IS NOT NULL AS started;
SELECT workflow.run_until_idle();
SELECT * FROM pg_temp.end_of('sync_bad');
SELECT pg_temp.events('sync_bad');
SELECT workflow.update_state_machine('sync_bad', pg_temp.task('states:startExecution.sync:2',
    jsonb_build_object('StateMachineArn', 'bad', 'Name', 'five'))) IS NOT NULL AS updated;
SELECT workflow.start_execution('sync_bad') IS NOT NULL AS started;
SELECT workflow.run_until_idle();
SELECT * FROM pg_temp.end_of('sync_bad');

-- a running execution of that name, with the same input, is waited for, by as many as ask, but it is somebody else's
SELECT workflow.create_state_machine('join', pg_temp.task('states:startExecution.sync',
    jsonb_build_object('StateMachineArn', 'sleeper', 'Name', 'six')), 'workflow_parent') IS NOT NULL AS created;
SELECT workflow.start_execution('sleeper', '{}', 'six') AS six \gset
SELECT workflow.start_execution('join') IS NOT NULL AS started;
SELECT workflow.run_until_idle();
SELECT workflow.start_execution('join') AS second \gset
SELECT workflow.run_until_idle();
SELECT pg_temp.events('join');
SELECT count(*) AS awaited FROM workflow.awaited_execution WHERE execution_id = :six;
SELECT workflow.stop_execution(:second) IS NOT NULL AS stopped;
SELECT workflow.run_until_idle();
SELECT status FROM workflow.executions WHERE id = :six;
SET workflow.clock = '2026-01-02 03:06:05Z';
SELECT workflow.run_until_idle();
SELECT status, output ->> 'Name' AS child FROM workflow.executions WHERE state_machine = 'join' ORDER BY id;
SELECT count(*) AS awaited FROM workflow.awaited_execution;
SELECT workflow.start_execution('sleeper', '{"other": "input"}', 'nine') AS nine \gset
SELECT workflow.update_state_machine('join', pg_temp.task('states:startExecution.sync',
    jsonb_build_object('StateMachineArn', 'sleeper', 'Name', 'nine'))) IS NOT NULL AS updated;
SELECT workflow.start_execution('join') IS NOT NULL AS started;
SELECT workflow.run_until_idle();
SELECT * FROM pg_temp.end_of('join');
SELECT workflow.stop_execution(:nine) IS NOT NULL AS stopped;
SELECT workflow.run_until_idle();
SET workflow.clock = '2026-01-02 03:04:05Z';

-- a token, under which the task can be answered in the child's stead: that one goes on, and its end answers nobody
SELECT workflow.create_state_machine('answered', pg_temp.task('states:startExecution.sync:2',
    '{"StateMachineArn": "sleeper", "Name": "ten", "Input": {"token.$": "$$.Task.Token"}}'), 'workflow_parent') IS NOT NULL AS created;
SELECT workflow.start_execution('answered') IS NOT NULL AS started;
SELECT workflow.run_until_idle();
SELECT workflow.send_task_success(input ->> 'token', '{"by": "token"}') FROM workflow.executions WHERE name = 'ten';
SELECT workflow.run_until_idle();
SELECT * FROM pg_temp.end_of('answered');
SELECT pg_temp.events('answered');
SELECT status FROM workflow.executions WHERE name = 'ten';
SET workflow.clock = '2026-01-02 03:06:05Z';
SELECT workflow.run_until_idle();
SELECT status FROM workflow.executions WHERE name = 'ten';
SELECT count(*) AS awaited FROM workflow.awaited_execution;
SELECT count(*) AS answers FROM workflow.inbox;
SET workflow.clock = '2026-01-02 03:04:05Z';

-- executions of EXPRESS machines cannot be waited for
SELECT workflow.create_state_machine('quick', '{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}',
    'workflow_parent', type => 'EXPRESS') IS NOT NULL AS created;
SELECT workflow.create_state_machine('hurry', pg_temp.task('states:startExecution.sync:2', '{"StateMachineArn": "quick"}'),
    'workflow_parent') IS NOT NULL AS created;
SELECT workflow.start_execution('hurry') IS NOT NULL AS started;
SELECT workflow.run_until_idle();
SELECT * FROM pg_temp.end_of('hurry');
SELECT count(*) AS started FROM workflow.executions WHERE state_machine = 'quick';

-- who no longer waits stops the child: a stop, a timeout, a failed branch
SELECT workflow.create_state_machine('wait', pg_temp.task('states:startExecution.sync', '{"StateMachineArn": "sleeper"}',
    '{"TimeoutSeconds": 10}'), 'workflow_parent') IS NOT NULL AS created;
SELECT workflow.start_execution('wait') AS parent \gset
SELECT workflow.run_until_idle();
SELECT e.status, c.status AS child, a.frame IS NOT NULL AS awaited
    FROM workflow.executions e JOIN workflow.executions c ON c.parent_id = e.id
    LEFT JOIN workflow.awaited_execution a ON a.execution_id = c.id WHERE e.id = :parent;
SELECT workflow.stop_execution(:parent) IS NOT NULL AS stopped;
SELECT workflow.run_until_idle();
SELECT e.status, c.status AS child, replace(c.cause, e.name, 'its parent') AS cause
    FROM workflow.executions e JOIN workflow.executions c ON c.parent_id = e.id WHERE e.id = :parent;
SELECT workflow.start_execution('wait') AS parent \gset
SELECT workflow.run_until_idle();
SET workflow.clock = '2026-01-02 03:04:20Z';
SELECT workflow.run_until_idle();
SELECT e.status, e.error, c.status AS child FROM workflow.executions e JOIN workflow.executions c ON c.parent_id = e.id
    WHERE e.id = :parent;
SELECT workflow.create_state_machine('branches', '{"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": [
    {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "states:startExecution.sync",
        "Parameters": {"StateMachineArn": "sleeper"}, "End": true}}},
    {"StartAt": "B", "States": {"B": {"Type": "Wait", "Seconds": 5, "Next": "F"}, "F": {"Type": "Fail", "Error": "Other"}}}]}}}',
    'workflow_parent') IS NOT NULL AS created;
SELECT workflow.start_execution('branches') AS parent \gset
SELECT workflow.run_until_idle();
SET workflow.clock = '2026-01-02 03:04:30Z';
SELECT workflow.run_until_idle();
SELECT e.status, e.error, c.status AS child FROM workflow.executions e JOIN workflow.executions c ON c.parent_id = e.id
    WHERE e.id = :parent;
SELECT count(*) AS awaited FROM workflow.awaited_execution;

-- a child that is stopped, or whose machine is deleted, fails its parent's task
SELECT workflow.start_execution('wait') AS parent \gset
SELECT workflow.run_until_idle();
SELECT workflow.stop_execution((SELECT id FROM workflow.executions WHERE parent_id = :parent), 'Enough', 'of it') IS NOT NULL AS stopped;
SELECT workflow.run_until_idle();
SELECT status, error, cause::json ->> 'Status' AS child, cause::json ->> 'Error' AS child_error FROM pg_temp.end_of('wait') e, LATERAL
    (SELECT e.result AS cause) c;
SELECT workflow.start_execution('wait') AS parent \gset
SELECT workflow.run_until_idle();
SELECT workflow.delete_state_machine('sleeper');
SELECT workflow.run_until_idle();
SELECT status, error, result::json ->> 'Status' AS child FROM pg_temp.end_of('wait');

-- a mapped resource with the suffix: the execution that the function has started; where it has started none, its result
CREATE SCHEMA children;
GRANT USAGE ON SCHEMA children TO workflow_parent, workflow_auditor;
CREATE FUNCTION children.job(input jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    IF input ? 'machine' THEN
        BEGIN
            PERFORM workflow.start_execution(input ->> 'machine', '{}', 'undone');
            RAISE division_by_zero;
        EXCEPTION WHEN division_by_zero THEN
            NULL;
        END;
        PERFORM workflow.start_execution('good');
        PERFORM workflow.start_execution(input ->> 'machine', '{"from": "a job"}', 'seven');
        BEGIN
            PERFORM workflow.start_execution(input ->> 'machine', '{}', 'undone');
            RAISE division_by_zero;
        EXCEPTION WHEN division_by_zero THEN
            NULL;
        END;
    END IF;
    RETURN '{"JobId": 1}';
END $$;
SELECT workflow.map_resource('arn:aws:states:::glue:startJobRun', 'function:children.job');
SELECT workflow.create_state_machine('job', pg_temp.task('arn:aws:states:::glue:startJobRun.sync', '{"machine": "good"}'), 'workflow_parent')
    IS NOT NULL AS created;
SELECT workflow.start_execution('job') IS NOT NULL AS started;
SELECT workflow.run_until_idle();
SELECT status, result::json ->> 'Name' AS child, result::json ->> 'Input' AS input FROM pg_temp.end_of('job');
SELECT workflow.update_state_machine('job', pg_temp.task('arn:aws:states:::glue:startJobRun.sync', '{}')) IS NOT NULL AS updated;
SELECT workflow.start_execution('job') IS NOT NULL AS started;
SELECT workflow.run_until_idle();
SELECT * FROM pg_temp.end_of('job');
SELECT pg_temp.events('job');

-- the service's own actions
SELECT workflow.create_state_machine('sdk', pg_temp.task('arn:aws:states:::aws-sdk:sfn:startExecution',
    '{"StateMachineArn": "good", "Name": "eight", "Input": {"b": 1, "a": 2}}'), 'workflow_parent') IS NOT NULL AS created;
SELECT workflow.start_execution('sdk') IS NOT NULL AS started;
SELECT workflow.run_until_idle();
SELECT * FROM pg_temp.end_of('sdk');
SELECT input FROM workflow.executions WHERE name = 'eight';
SELECT workflow.update_state_machine('sdk', pg_temp.task('arn:aws:states:::aws-sdk:sfn:describeExecution',
    '{"ExecutionArn": "arn:aws:states:eu-west-1:123456789012:execution:good:eight"}')) IS NOT NULL AS updated;
SELECT workflow.start_execution('sdk') IS NOT NULL AS started;
SELECT workflow.run_until_idle();
SELECT * FROM pg_temp.end_of('sdk');
SELECT workflow.grant_state_machine('good', 'workflow_parent', 'read');
SELECT workflow.start_execution('sdk') IS NOT NULL AS started;
SELECT workflow.run_until_idle();
SELECT * FROM pg_temp.end_of('sdk');
SELECT workflow.update_state_machine('sdk', pg_temp.task('arn:aws:states:::aws-sdk:sfn:stopExecution',
    '{"ExecutionArn": "arn:aws:states:eu-west-1:123456789012:execution:good:nobody"}')) IS NOT NULL AS updated;
SELECT workflow.start_execution('sdk') IS NOT NULL AS started;
SELECT workflow.run_until_idle();
SELECT * FROM pg_temp.end_of('sdk');
SELECT workflow.update_state_machine('sdk', pg_temp.task('arn:aws:states:::aws-sdk:sfn:noSuchAction', '{}')) IS NOT NULL AS updated;
SELECT workflow.start_execution('sdk') IS NOT NULL AS started;
SELECT workflow.run_until_idle();
SELECT * FROM pg_temp.end_of('sdk');

-- .waitForTaskToken: the child, or a function, answers with the token
SELECT workflow.create_state_machine('answer', pg_temp.task('arn:aws:states:::aws-sdk:sfn:sendTaskSuccess',
    '{"TaskToken.$": "$.token", "Output": {"answer": 42}}'), 'workflow_parent') IS NOT NULL AS created;
SELECT workflow.create_state_machine('ask', pg_temp.task('arn:aws:states:::states:startExecution.waitForTaskToken',
    '{"StateMachineArn": "answer", "Input": {"token.$": "$$.Task.Token"}}'), 'workflow_parent') IS NOT NULL AS created;
SELECT workflow.start_execution('ask') IS NOT NULL AS started;
SELECT workflow.run_until_idle();
SELECT * FROM pg_temp.end_of('ask');
SELECT pg_temp.events('ask');
SELECT output FROM workflow.executions WHERE state_machine = 'answer';
CREATE FUNCTION children.answer(token text) RETURNS text LANGUAGE sql AS
    $$SELECT workflow.send_task_failure(token, 'Declined', 'no funds'); SELECT 'asked'$$;
SELECT workflow.map_resource('arn:aws:lambda:*:function:answer', 'function:children.answer');
SELECT workflow.update_state_machine('ask', pg_temp.task('arn:aws:states:::lambda:invoke.waitForTaskToken',
    '{"FunctionName": "answer", "Payload": {"token.$": "$$.Task.Token"}}')) IS NOT NULL AS updated;
SELECT workflow.start_execution('ask') IS NOT NULL AS started;
SELECT workflow.run_until_idle();
SELECT * FROM pg_temp.end_of('ask');
SELECT pg_temp.events('ask');
SELECT details -> 'output' -> 'Payload' AS payload FROM workflow.history_events WHERE type = 'TaskSubmitted'
    ORDER BY execution_id DESC LIMIT 1;
SELECT workflow.map_resource('arn:aws:lambda:*:function:answer', NULL);

-- a task that waits for an activity's task
SET ROLE workflow_parent;
SELECT count(workflow.create_activity('desk')) AS created;
RESET ROLE;
SELECT workflow.create_state_machine('clerk', pg_temp.task('arn:aws:states:::aws-sdk:sfn:getActivityTask',
    '{"ActivityArn": "arn:aws:states:eu-west-1:123456789012:activity:desk", "WorkerName": "clerk"}'), 'workflow_parent') IS NOT NULL AS created;
SELECT workflow.start_execution('clerk') IS NOT NULL AS started;
SELECT workflow.run_until_idle();
SELECT * FROM pg_temp.end_of('clerk');
SELECT workflow.create_state_machine('desk', pg_temp.task('arn:aws:states:eu-west-1:123456789012:activity:desk', '{"form": 7}'), 'workflow_parent')
    IS NOT NULL AS created;
SELECT workflow.start_execution('desk') IS NOT NULL AS started;
SELECT workflow.run_until_idle();
SELECT status, result::json ->> 'Input' AS input, result::json ->> 'TaskToken' IS NOT NULL AS has_token FROM pg_temp.end_of('clerk');
SELECT workflow.stop_execution(id) IS NOT NULL AS stopped FROM workflow.executions WHERE state_machine = 'desk';
SELECT workflow.run_until_idle();
SELECT workflow.delete_activity('desk');

-- what the role may not start does not exist for it
SELECT workflow.create_state_machine('private', '{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}') IS NOT NULL AS created;
SELECT workflow.create_state_machine('intruder', pg_temp.task('states:startExecution.sync', '{"StateMachineArn": "private"}'), 'workflow_parent')
    IS NOT NULL AS created;
SELECT workflow.start_execution('intruder') IS NOT NULL AS started;
SELECT workflow.run_until_idle();
SELECT * FROM pg_temp.end_of('intruder');
SELECT workflow.grant_state_machine('private', 'workflow_parent', 'start');
SELECT workflow.start_execution('intruder') IS NOT NULL AS started;
SELECT workflow.run_until_idle();
SELECT status FROM pg_temp.end_of('intruder');

-- credentials
CREATE FUNCTION children.me() RETURNS text LANGUAGE sql AS 'SELECT current_user::text';
CREATE FUNCTION children.leave() RETURNS void LANGUAGE sql AS 'SET ROLE workflow_parent';
SELECT workflow.create_state_machine('me', pg_temp.task('function:children.me', '{}',
    '{"Credentials": {"RoleArn.$": "$.role"}}'), 'workflow_parent') IS NOT NULL AS created;
SELECT workflow.start_execution('me', '{"role": "arn:aws:iam::1:role/workflow_auditor"}') IS NOT NULL AS started;
SELECT workflow.run_until_idle();
SELECT * FROM pg_temp.end_of('me');
GRANT workflow_auditor TO workflow_parent;
SELECT workflow.start_execution('me', '{"role": "arn:aws:iam::1:role/workflow_auditor"}') IS NOT NULL AS started;
SELECT workflow.run_until_idle();
SELECT * FROM pg_temp.end_of('me');
SELECT details -> 'taskCredentials' AS credentials FROM workflow.history_events WHERE type = 'TaskScheduled' ORDER BY execution_id DESC LIMIT 1;
SELECT workflow.start_execution('me', '{"role": "nobody at all"}') IS NOT NULL AS started;
SELECT workflow.run_until_idle();
SELECT * FROM pg_temp.end_of('me');
SELECT workflow.start_execution('me', '{"role": 5}') IS NOT NULL AS started;
SELECT workflow.run_until_idle();
SELECT * FROM pg_temp.end_of('me');
SELECT workflow.update_state_machine('me', pg_temp.task('function:children.leave', '{}',
    '{"Credentials": {"RoleArn": "workflow_auditor"}}')) IS NOT NULL AS updated;
SELECT workflow.start_execution('me') IS NOT NULL AS started;
SELECT workflow.run_until_idle();
SELECT status, error, result::json ->> 'message' AS message FROM pg_temp.end_of('me');

-- versions and aliases of functions
CREATE FUNCTION children.echo(input jsonb) RETURNS jsonb LANGUAGE sql AS 'SELECT input';
CREATE FUNCTION children.echo_prod(input jsonb) RETURNS jsonb LANGUAGE sql AS $$SELECT '"prod"'::jsonb$$;
SELECT workflow.map_resource('arn:aws:lambda:*:function:echo', 'function:children.echo');
SELECT workflow.map_resource('arn:aws:lambda:*:function:echo:prod', 'function:children.echo_prod');
SELECT severity, code FROM workflow.validate_state_machine_definition(
    pg_temp.task('arn:aws:lambda:eu-west-1:123456789012:function:echo:7', '{}'));
SELECT severity, code FROM workflow.validate_state_machine_definition(pg_temp.task('arn:aws:states:::states:startExecution', '{}'));
SELECT workflow.create_state_machine('lambda', pg_temp.task('arn:aws:lambda:eu-west-1:123456789012:function:echo:7', '{"x": 1}'),
    'workflow_parent') IS NOT NULL AS created;
SELECT workflow.start_execution('lambda') IS NOT NULL AS started;
SELECT workflow.run_until_idle();
SELECT * FROM pg_temp.end_of('lambda');
SELECT workflow.update_state_machine('lambda', pg_temp.task('arn:aws:states:::lambda:invoke',
    '{"FunctionName": "echo", "Qualifier": "prod"}', '{"ResultSelector": {"v.$": "$.ExecutedVersion", "p.$": "$.Payload"}}')) IS NOT NULL AS updated;
SELECT workflow.start_execution('lambda') IS NOT NULL AS started;
SELECT workflow.run_until_idle();
SELECT * FROM pg_temp.end_of('lambda');

DROP SCHEMA children CASCADE;
SELECT workflow.map_resource('arn:aws:lambda:*:function:echo', NULL);
SELECT workflow.map_resource('arn:aws:lambda:*:function:echo:prod', NULL);
SELECT workflow.map_resource('arn:aws:states:::glue:startJobRun', NULL);
SELECT count(workflow.delete_state_machine(name)) AS machines FROM workflow.state_machines
    WHERE run_as = 'workflow_parent'::regrole OR name = 'private';
SELECT workflow.run_until_idle();
