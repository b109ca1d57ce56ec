-- Work outside: answers to tasks that wait for them
CREATE FUNCTION workflow.send_task_success(token text, output jsonb DEFAULT 'null') RETURNS void
    LANGUAGE c AS 'MODULE_PATHNAME', 'workflow_send_task_success';
CREATE FUNCTION workflow.send_task_failure(token text, error text DEFAULT NULL, cause text DEFAULT NULL) RETURNS void
    LANGUAGE c AS 'MODULE_PATHNAME', 'workflow_send_task_failure';
CREATE FUNCTION workflow.send_task_heartbeat(token text) RETURNS void
    LANGUAGE c AS 'MODULE_PATHNAME', 'workflow_send_task_heartbeat';


-- What did not fit into a notification
CREATE FUNCTION workflow.notification_payload(notification uuid) RETURNS json
    LANGUAGE c STABLE STRICT AS 'MODULE_PATHNAME', 'workflow_notification_payload';
