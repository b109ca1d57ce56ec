-- Who may do what with a state machine; what a role sees; whose resources are mapped.
SET workflow.clock = '2026-01-02 03:04:05Z';
\set pass '{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}'
CREATE ROLE workflow_owner;
CREATE ROLE workflow_member IN ROLE workflow_owner;
CREATE ROLE workflow_other;
CREATE ROLE workflow_runner;
GRANT USAGE ON SCHEMA workflow TO workflow_owner, workflow_other;

-- naming a role takes membership in it
SET ROLE workflow_owner;
SELECT workflow.create_state_machine('private', :'pass', 'workflow_runner');
\echo :SQLSTATE
SELECT workflow.create_state_machine('private', :'pass');
RESET ROLE;
GRANT workflow_runner TO workflow_owner;
SET ROLE workflow_owner;
SELECT workflow.update_state_machine('private', run_as => 'workflow_runner') IS NOT NULL AS changed;
SELECT workflow.start_execution('private', '{"secret":1}', 'e') AS e \gset
RESET ROLE;

-- what a role may do nothing with does not exist for it
SET ROLE workflow_other;
SELECT workflow.start_execution('private');
SELECT * FROM workflow.describe_state_machine('private');
\set VERBOSITY sqlstate
SELECT * FROM workflow.describe_execution(:e);
\set VERBOSITY default
SELECT * FROM workflow.describe_execution('arn:pg:states:local:contrib_regression:execution:private:e');
SELECT workflow.stop_execution('e');
\set VERBOSITY sqlstate
SELECT * FROM workflow.get_execution_history(:e);
SELECT workflow.wait_for_execution(:e, '0');
\set VERBOSITY default
SELECT workflow.create_state_machine('private', :'pass');
SELECT workflow.delete_state_machine('private');
SELECT workflow.grant_state_machine('private', 'workflow_other', 'read');
SELECT count(*) FROM workflow.list_state_machines();
SELECT (SELECT count(*) FROM workflow.state_machines) AS state_machines, (SELECT count(*) FROM workflow.executions) AS executions,
    (SELECT count(*) FROM workflow.history_events) AS events, (SELECT count(*) FROM workflow.live_states) AS states,
    (SELECT count(*) FROM workflow.tasks) AS tasks, (SELECT count(*) FROM workflow.timers) AS timers;
SELECT * FROM workflow.execution;
SELECT * FROM workflow.workers;
SELECT workflow.run_until_idle();
SELECT workflow.pause();
RESET ROLE;

-- start, read, manage
SET ROLE workflow_owner;
SELECT workflow.grant_state_machine('private', 'workflow_other', 'start');
RESET ROLE;
SET ROLE workflow_other;
SELECT workflow.start_execution('private') IS NOT NULL AS started;
SELECT name FROM workflow.list_state_machines();
SELECT name FROM workflow.describe_state_machine('private');
\echo :SQLSTATE
SELECT name FROM workflow.describe_execution(:e);
SELECT count(*) FROM workflow.executions;
RESET ROLE;
SET ROLE workflow_member;
SELECT workflow.grant_state_machine('private', 'workflow_other', 'READ');
SELECT state_machine, grantee, privilege FROM workflow.state_machine_privileges ORDER BY privilege;
RESET ROLE;
SET ROLE workflow_other;
SELECT name, input FROM workflow.describe_execution(:e);
SELECT id = :e AS it, input FROM workflow.executions WHERE name = 'e';
SELECT workflow.update_state_machine('private', :'pass' || ' ');
SELECT workflow.delete_state_machine('private');
RESET ROLE;
SET ROLE workflow_owner;
SELECT workflow.grant_state_machine('private', 'public', 'manage');
SELECT workflow.grant_state_machine('private', 'workflow_other', 'dance');
SELECT workflow.grant_state_machine('private', 'workflow_nobody', 'read');
SELECT workflow.revoke_state_machine('private', 'workflow_other', 'start', 'read');
RESET ROLE;
-- who manages a machine changes its definition only as a member of its role
SET ROLE workflow_other;
SELECT workflow.update_state_machine('private', :'pass' || ' ');
RESET ROLE;
SET ROLE workflow_owner;
SELECT workflow.revoke_state_machine('private', 'PUBLIC', 'manage');
RESET ROLE;
SET ROLE workflow_other;
SELECT count(*) FROM workflow.state_machines;
RESET ROLE;

-- a condition of the reader's own does not see what the view hides; a SELECT on a table shows no more than the view
CREATE FUNCTION pg_temp.tell(json) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS $$ BEGIN RAISE NOTICE 'seen: %', $1; RETURN true; END $$;
GRANT SELECT ON workflow.execution, workflow.state_machine, workflow.inbox TO workflow_other;
SET ROLE workflow_other;
SELECT count(*) FROM workflow.executions WHERE pg_temp.tell(input);
SELECT count(*) FROM workflow.execution WHERE pg_temp.tell(input);
SELECT count(*) FROM workflow.state_machine;
SELECT count(*) FROM workflow.inbox;
RESET ROLE;
REVOKE SELECT ON workflow.execution, workflow.state_machine, workflow.inbox FROM workflow_other;

-- mappings
SELECT workflow.map_resource('arn:aws:lambda:*:function:charge', 'function:public.charge');
SELECT workflow.map_resource('arn:aws:lambda:*:function:charge', 'function:public.charge2');
SELECT workflow.map_resource('charge', 'function:public.charge');
SELECT workflow.map_resource('arn:aws:x', 'arn:aws:y');
SELECT workflow.map_resource('arn:aws:x', 'what');
SET ROLE workflow_other;
SELECT workflow.map_resource('arn:aws:lambda:*', 'function:public.mine');
SELECT workflow.map_resource('arn:aws:lambda:*', 'function:public.mine', 'workflow_owner');
SELECT * FROM workflow.resource_mappings ORDER BY pattern;
RESET ROLE;
SET ROLE workflow_owner;
SELECT * FROM workflow.resource_mappings ORDER BY pattern;
RESET ROLE;
SET ROLE workflow_other;
SELECT workflow.map_resource('arn:aws:lambda:*', NULL);
RESET ROLE;

-- validation warns of what is not mapped for whoever asks
\set foreign '{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"arn:aws:lambda:eu-west-1:1:function:charge","Next":"B"},"B":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Parameters":{"FunctionName":"ship"},"Next":"C"},"C":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Parameters":{"FunctionName.$":"$.f"},"Next":"D"},"D":{"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage.waitForTaskToken","Parameters":{},"Next":"E"},"E":{"Type":"Task","Resource":"function:public.charge","End":true}}}'
SET ROLE workflow_other;
SELECT workflow.map_resource('arn:aws:lambda:*:function:ship', 'function:public.ship');
SELECT * FROM workflow.validate_state_machine_definition(:'foreign');
RESET ROLE;
SELECT code, location FROM workflow.validate_state_machine_definition(:'foreign');
SELECT workflow.api('ValidateStateMachineDefinition', jsonb_build_object('definition', :'foreign'));
SELECT jsonb_array_length(workflow.api('ValidateStateMachineDefinition', jsonb_build_object('definition', :'foreign', 'severity', 'WARNING')) -> 'diagnostics');
SET ROLE workflow_other;
SELECT workflow.map_resource('arn:aws:lambda:*:function:ship', NULL);
RESET ROLE;
SELECT workflow.map_resource('arn:aws:lambda:*:function:charge', NULL);
SELECT count(*) FROM workflow.resource_mappings;

SELECT workflow.delete_state_machine('private');
SELECT workflow.run_until_idle() > 0 AS stepped;
REVOKE ALL ON SCHEMA workflow FROM workflow_owner, workflow_other;
REVOKE workflow_runner FROM workflow_owner;
DROP ROLE workflow_member, workflow_other, workflow_owner, workflow_runner;
