-- State machines: create, update, describe, list, validate, delete, by the SQL functions.
SET workflow.clock = '2026-01-02 03:04:05Z';
\set pass '{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}'
\set wait '{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":60,"End":true}}}'

SELECT workflow.create_state_machine('pass', :'pass');
-- the same again gives the same; other white space is another definition
SELECT workflow.create_state_machine('pass', :'pass');
SELECT workflow.create_state_machine('pass', :'pass' || ' ');
\echo :SQLSTATE
SELECT name, arn, type, status, definition, run_as = current_user::regrole AS mine, owner = current_user::regrole AS owned,
    revision, created_at, updated_at FROM workflow.describe_state_machine('pass');
SELECT name FROM workflow.describe_state_machine('arn:pg:states:local:contrib_regression:stateMachine:pass');

-- names
SELECT workflow.create_state_machine('with blank', :'pass');
SELECT workflow.create_state_machine('', :'pass');
SELECT workflow.create_state_machine(repeat('a', 81), :'pass');
SELECT workflow.create_state_machine(E'tab\there', :'pass');
SELECT workflow.create_state_machine(E'next\u0085line', :'pass');
SELECT workflow.create_state_machine('slash/here', :'pass');
SELECT workflow.create_state_machine('grün.name-1_ü', :'pass');
SELECT workflow.create_state_machine(NULL, :'pass');
SELECT workflow.create_state_machine('type', :'pass', type => 'FAST');

-- references
SELECT name FROM workflow.describe_state_machine('nosuch');
\echo :SQLSTATE
SELECT name FROM workflow.describe_state_machine('arn:aws:states:us-east-1:111111111111:stateMachine:pass');
SELECT name FROM workflow.describe_state_machine('arn:pg:states:local:contrib_regression:stateMachine:pass:7');
SELECT name FROM workflow.describe_state_machine('arn:pg:states:local:contrib_regression:execution:pass:x');
SELECT name FROM workflow.describe_state_machine('not:an:arn');
SELECT name FROM workflow.describe_state_machine('');

-- definitions: all problems at once
SELECT workflow.create_state_machine('wrong', '{}');
\echo :SQLSTATE
SELECT workflow.create_state_machine('wrong', 'no JSON');
SELECT workflow.create_state_machine('wrong', '"A"');
SELECT workflow.create_state_machine('wrong', '{"StartAt":"A","States":{"A":{"Type":"Choice","Choices":[{"Variable":"$.a","IsNull":true,"Next":"B"}]}}}');
SELECT workflow.create_state_machine('wrong', '');
SELECT * FROM workflow.validate_state_machine_definition('{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},"C":{"Type":"Wait","End":true}}}');
SELECT * FROM workflow.validate_state_machine_definition(:'pass');
SELECT * FROM workflow.validate_state_machine_definition(:'pass', 'FAST');

-- update: a new revision where something changes, and only there
SELECT workflow.update_state_machine('pass', :'pass') IS NULL AS unchanged;
SET workflow.clock = '2026-01-02 04:00:00Z';
SELECT workflow.update_state_machine('pass', :'wait') IS NOT NULL AS changed;
SELECT definition, revision IS NOT NULL AS revised, created_at, updated_at FROM workflow.describe_state_machine('pass');
SELECT workflow.update_state_machine('pass');
SELECT workflow.update_state_machine('nosuch', :'pass');
SELECT workflow.update_state_machine('pass', '{"StartAt":1}');
SELECT definition FROM workflow.describe_state_machine('pass');

-- a running execution keeps its revision
SELECT workflow.start_execution('pass') AS execution \gset
SELECT workflow.run_until_idle();
SELECT workflow.update_state_machine('pass', :'pass') IS NOT NULL AS changed;
SELECT (workflow.api('DescribeStateMachineForExecution', jsonb_build_object('executionArn', arn))->>'definition') = :'wait' AS kept
    FROM workflow.executions WHERE id = :execution;

-- list and delete
SELECT workflow.create_state_machine('b', :'pass'), workflow.create_state_machine('B', :'pass');
SELECT name, type, created_at FROM workflow.list_state_machines();
SELECT workflow.delete_state_machine('b');
SELECT workflow.delete_state_machine('b');
SELECT workflow.delete_state_machine('nosuch');
-- what runs is aborted first
SELECT workflow.delete_state_machine('pass');
SELECT status FROM workflow.describe_state_machine('pass');
SELECT workflow.start_execution('pass');
\echo :SQLSTATE
SELECT workflow.update_state_machine('pass', :'wait');
SELECT workflow.create_state_machine('pass', :'pass');
SELECT workflow.run_until_idle() > 0 AS aborted;
SELECT status FROM workflow.describe_state_machine('pass');
SELECT state_machine, status FROM workflow.executions WHERE id = :execution;
-- the name is free; old executions are still there
SELECT workflow.create_state_machine('pass', :'pass');
SELECT id = :execution AS same, state_machine, status FROM workflow.describe_execution(:execution);
SELECT name, status FROM workflow.state_machines ORDER BY name COLLATE "C";
SELECT workflow.delete_state_machine(name) FROM workflow.list_state_machines();
SELECT count(*) FROM workflow.list_state_machines();
