-- Work outside: activities, which workers poll for; and answers to tasks that wait for them
CREATE FUNCTION workflow.create_activity(name text) RETURNS text
    LANGUAGE c AS 'MODULE_PATHNAME', 'workflow_create_activity';
CREATE FUNCTION workflow.describe_activity(activity text, OUT name text, OUT arn text, OUT owner regrole,
        OUT created_at timestamptz)
    LANGUAGE c AS 'MODULE_PATHNAME', 'workflow_describe_activity';
CREATE FUNCTION workflow.list_activities(OUT name text, OUT arn text, OUT created_at timestamptz) RETURNS SETOF record
    LANGUAGE c AS 'MODULE_PATHNAME', 'workflow_list_activities';
CREATE FUNCTION workflow.delete_activity(activity text) RETURNS void
    LANGUAGE c AS 'MODULE_PATHNAME', 'workflow_delete_activity';
CREATE FUNCTION workflow.grant_activity(activity text, grantee text, VARIADIC privileges text[]) RETURNS void
    LANGUAGE c AS 'MODULE_PATHNAME', 'workflow_grant_activity';
CREATE FUNCTION workflow.revoke_activity(activity text, grantee text, VARIADIC privileges text[]) RETURNS void
    LANGUAGE c AS 'MODULE_PATHNAME', 'workflow_revoke_activity';

-- A type rather than OUT arguments: with these, a CALL of five arguments would mean the function, too.
CREATE TYPE workflow.activity_work AS (task_token text, input json);
CREATE FUNCTION workflow.get_activity_task(activity text, worker_name text DEFAULT NULL, wait interval DEFAULT '60 s')
    RETURNS workflow.activity_work
    LANGUAGE c AS 'MODULE_PATHNAME', 'workflow_get_activity_task';
-- Without defaults: a call with fewer arguments means the function.
CREATE PROCEDURE workflow.get_activity_task(activity text, worker_name text, wait interval, INOUT task_token text,
        INOUT input json)
    LANGUAGE c AS 'MODULE_PATHNAME', 'workflow_get_activity_task_procedure';

CREATE FUNCTION workflow.send_task_success(token text, output jsonb DEFAULT 'null') RETURNS void
    LANGUAGE c AS 'MODULE_PATHNAME', 'workflow_send_task_success';
CREATE FUNCTION workflow.send_task_failure(token text, error text DEFAULT NULL, cause text DEFAULT NULL) RETURNS void
    LANGUAGE c AS 'MODULE_PATHNAME', 'workflow_send_task_failure';
CREATE FUNCTION workflow.send_task_heartbeat(token text) RETURNS void
    LANGUAGE c AS 'MODULE_PATHNAME', 'workflow_send_task_heartbeat';

CREATE FUNCTION workflow.activity_arn(name text) RETURNS text
    LANGUAGE c STABLE STRICT AS 'MODULE_PATHNAME', 'workflow_activity_arn';

-- What did not fit into a notification
CREATE FUNCTION workflow.notification_payload(notification uuid) RETURNS json
    LANGUAGE c STABLE STRICT AS 'MODULE_PATHNAME', 'workflow_notification_payload';
