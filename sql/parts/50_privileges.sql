-- Who may what.  USAGE on the schema is given to nobody: that is the administrator's to give.  With it, everybody may call
-- what people call, and read the views, for these ask for rights on each state machine themselves: the owner has them, and
-- gives them with grant_state_machine().  What concerns the installation as a whole is its owner's alone.
REVOKE ALL ON ALL TABLES IN SCHEMA workflow FROM PUBLIC;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA workflow FROM PUBLIC;
REVOKE ALL ON ALL ROUTINES IN SCHEMA workflow FROM PUBLIC;

GRANT EXECUTE ON FUNCTION
    workflow.api(text, jsonb),
    workflow.create_state_machine(text, text, regrole, text),
    workflow.update_state_machine(text, text, regrole),
    workflow.delete_state_machine(text),
    workflow.describe_state_machine(text),
    workflow.list_state_machines(),
    workflow.validate_state_machine_definition(text, text),
    workflow.evaluate(text, jsonb, jsonb, jsonb),
    workflow.grant_state_machine(text, text, text[]),
    workflow.revoke_state_machine(text, text, text[]),
    workflow.set_logging(text, text, boolean, text),
    workflow.set_retention(text, interval),
    workflow.map_resource(text, text, regrole),
    workflow.start_execution(text, jsonb, text),
    workflow.start_execution_trigger(),
    workflow.start_sync_execution(text, jsonb, text),
    workflow.stop_execution(bigint, text, text),
    workflow.stop_execution(text, text, text),
    workflow.describe_execution(bigint),
    workflow.describe_execution(text),
    workflow.list_executions(text, text, integer),
    workflow.get_execution_history(bigint, boolean),
    workflow.get_execution_history(text, boolean),
    workflow.list_map_runs(bigint),
    workflow.list_map_runs(text),
    workflow.describe_map_run(text),
    workflow.update_map_run(text, bigint, double precision, bigint),
    workflow.wait_for_execution(bigint, interval),
    workflow.create_activity(text),
    workflow.describe_activity(text),
    workflow.list_activities(),
    workflow.delete_activity(text),
    workflow.grant_activity(text, text, text[]),
    workflow.revoke_activity(text, text, text[]),
    workflow.get_activity_task(text, text, interval),
    workflow.send_task_success(text, jsonb),
    workflow.send_task_failure(text, text, text),
    workflow.send_task_heartbeat(text),
    workflow.raise(text, text),
    workflow.context(),
    workflow.notification_payload(uuid),
    -- functions in views are called with the reader's rights
    workflow.unpack_history(integer, timestamptz, json),
    workflow.unpack_log(integer, timestamptz, json, text, boolean),
    workflow.frame_status("char"),
    workflow.generated_execution_name(bigint),
    workflow.state_machine_arn(text),
    workflow.execution_arn(text, text),
    workflow.express_execution_arn(text, text, bigint),
    workflow.activity_arn(text),
    workflow.map_run_arn(text, text, text)
    TO PUBLIC;
GRANT EXECUTE ON PROCEDURE workflow.wait_for_execution(bigint, interval, text) TO PUBLIC;
GRANT EXECUTE ON PROCEDURE workflow.get_activity_task(text, text, interval, text, json) TO PUBLIC;

GRANT SELECT ON
    workflow.readable_state_machine,    -- ids only; the policies below ask it with the reader's rights
    workflow.state_machines,
    workflow.state_machine_privileges,
    workflow.executions,
    workflow.history_events,
    workflow.log_events,
    workflow.live_states,
    workflow.tasks,
    workflow.waiting_tasks,
    workflow.timers,
    workflow.map_runs,
    workflow.resource_mappings,
    workflow.visible_activity,          -- likewise
    workflow.activities,
    workflow.activity_privileges,
    workflow.state_machine_metrics,
    workflow.state_metrics
    TO PUBLIC;

-- What processes do, in all databases, is for those who watch servers.
GRANT EXECUTE ON FUNCTION workflow.worker_processes() TO pg_monitor;
GRANT SELECT ON workflow.workers TO pg_monitor;

-- The second lock.  The engine owns the tables and passes; a superuser passes; everybody else meets the policies, or,
-- where there is none (queues and bookkeeping), sees nothing.
ALTER TABLE workflow.installation ENABLE ROW LEVEL SECURITY;
ALTER TABLE workflow.state_machine ENABLE ROW LEVEL SECURITY;
ALTER TABLE workflow.state_machine_revision ENABLE ROW LEVEL SECURITY;
ALTER TABLE workflow.state_machine_tag ENABLE ROW LEVEL SECURITY;
ALTER TABLE workflow.state_machine_privilege ENABLE ROW LEVEL SECURITY;
ALTER TABLE workflow.resource_mapping ENABLE ROW LEVEL SECURITY;
ALTER TABLE workflow.execution ENABLE ROW LEVEL SECURITY;
ALTER TABLE workflow.execution_name ENABLE ROW LEVEL SECURITY;
ALTER TABLE workflow.execution_end ENABLE ROW LEVEL SECURITY;
ALTER TABLE workflow.awaited_execution ENABLE ROW LEVEL SECURITY;
ALTER TABLE workflow.live_execution ENABLE ROW LEVEL SECURITY;
ALTER TABLE workflow.frame ENABLE ROW LEVEL SECURITY;
ALTER TABLE workflow.ready ENABLE ROW LEVEL SECURITY;
ALTER TABLE workflow.crashed_task ENABLE ROW LEVEL SECURITY;
ALTER TABLE workflow.timer ENABLE ROW LEVEL SECURITY;
ALTER TABLE workflow.inbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE workflow.notification ENABLE ROW LEVEL SECURITY;
ALTER TABLE workflow.activity ENABLE ROW LEVEL SECURITY;
ALTER TABLE workflow.activity_tag ENABLE ROW LEVEL SECURITY;
ALTER TABLE workflow.activity_privilege ENABLE ROW LEVEL SECURITY;
ALTER TABLE workflow.activity_task ENABLE ROW LEVEL SECURITY;
ALTER TABLE workflow.activity_poll ENABLE ROW LEVEL SECURITY;
ALTER TABLE workflow.history ENABLE ROW LEVEL SECURITY;
ALTER TABLE workflow.map_run ENABLE ROW LEVEL SECURITY;
ALTER TABLE workflow.map_limit ENABLE ROW LEVEL SECURITY;
ALTER TABLE workflow.map_progress ENABLE ROW LEVEL SECURITY;
ALTER TABLE workflow.map_item ENABLE ROW LEVEL SECURITY;
ALTER TABLE workflow.map_ended ENABLE ROW LEVEL SECURITY;

CREATE POLICY readers ON workflow.state_machine FOR SELECT
    USING (id IN (SELECT id FROM workflow.readable_state_machine));
CREATE POLICY readers ON workflow.map_run FOR SELECT
    USING (state_machine_id IN (SELECT id FROM workflow.readable_state_machine));
CREATE POLICY readers ON workflow.state_machine_revision FOR SELECT
    USING (state_machine_id IN (SELECT id FROM workflow.readable_state_machine));
CREATE POLICY readers ON workflow.state_machine_tag FOR SELECT
    USING (state_machine_id IN (SELECT id FROM workflow.readable_state_machine));
CREATE POLICY readers ON workflow.state_machine_privilege FOR SELECT
    USING (state_machine_id IN (SELECT id FROM workflow.readable_state_machine));
CREATE POLICY readers ON workflow.resource_mapping FOR SELECT
    USING (owner = 0 OR pg_catalog.pg_has_role(owner, 'USAGE'));
CREATE POLICY readers ON workflow.activity FOR SELECT
    USING (id IN (SELECT id FROM workflow.visible_activity));
CREATE POLICY readers ON workflow.activity_tag FOR SELECT
    USING (activity_id IN (SELECT id FROM workflow.visible_activity));
CREATE POLICY readers ON workflow.activity_privilege FOR SELECT
    USING (activity_id IN (SELECT id FROM workflow.visible_activity));
CREATE POLICY readers ON workflow.execution FOR SELECT
    USING (state_machine_id IN (SELECT id FROM workflow.readable_state_machine));
CREATE POLICY readers ON workflow.execution_name FOR SELECT
    USING (state_machine_id IN (SELECT id FROM workflow.readable_state_machine));
CREATE POLICY readers ON workflow.execution_end FOR SELECT
    USING (state_machine_id IN (SELECT id FROM workflow.readable_state_machine));
CREATE POLICY readers ON workflow.frame FOR SELECT
    USING (execution_id IN (SELECT id FROM workflow.executions));
CREATE POLICY readers ON workflow.history FOR SELECT
    USING (execution_id IN (SELECT id FROM workflow.executions));
