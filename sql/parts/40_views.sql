-- What people look at.  The views run with their owner's rights and show each role the rows of the machines that it may
-- read; security barriers keep conditions of the reader's own from seeing others.  Where a table holds the thing itself,
-- a policy on it says the same once more, so that a SELECT granted on a table by mistake shows no more than the view.

-- One place says which machines a role may read.  store/privilege.c is its twin in C.
CREATE VIEW workflow.readable_state_machine WITH (security_barrier) AS
    SELECT m.id
    FROM workflow.state_machine m
    WHERE pg_catalog.pg_has_role(m.owner, 'USAGE')
        OR EXISTS (SELECT FROM workflow.state_machine_privilege p
                   WHERE p.state_machine_id = m.id AND p.privilege IN ('read', 'manage')
                       AND (p.grantee = 0 OR pg_catalog.pg_has_role(p.grantee, 'USAGE')));

CREATE VIEW workflow.state_machines WITH (security_barrier) AS
    SELECT m.id, m.name, workflow.state_machine_arn(m.name) AS arn, m.type, m.status, m.owner, r.run_as, r.role_arn,
        r.revision, r.definition, r.configuration, m.created_at, m.updated_at, m.retention
    FROM workflow.state_machine m
        JOIN workflow.state_machine_revision r ON r.id = m.revision_id
    WHERE m.id IN (SELECT id FROM workflow.readable_state_machine) AND m.status <> 'DELETED';

CREATE VIEW workflow.state_machine_privileges WITH (security_barrier) AS
    SELECT p.state_machine_id, m.name AS state_machine,
        CASE WHEN p.grantee = 0 THEN 'PUBLIC' ELSE p.grantee::text END AS grantee, p.privilege
    FROM workflow.state_machine_privilege p
        JOIN workflow.state_machine m ON m.id = p.state_machine_id
    WHERE m.id IN (SELECT id FROM workflow.readable_state_machine) AND m.status <> 'DELETED';

CREATE VIEW workflow.executions WITH (security_barrier) AS
    SELECT e.id, coalesce(e.name, workflow.generated_execution_name(e.id)) AS name, m.name AS state_machine,
        coalesce(x.status, 'RUNNING') AS status, e.input, x.output, x.error, x.cause, e.started_at, x.stopped_at,
        CASE WHEN v.express
            THEN workflow.express_execution_arn(v.name, coalesce(e.name, workflow.generated_execution_name(e.id)), e.id)
            ELSE workflow.execution_arn(v.name, coalesce(e.name, workflow.generated_execution_name(e.id))) END AS arn,
        e.state_machine_id, e.revision_id, e.trace_header, CASE WHEN v.express THEN 'EXPRESS' ELSE 'STANDARD' END AS type, e.parent_id, e.map_run_id, e.map_items
    FROM workflow.execution e
        JOIN workflow.state_machine m ON m.id = e.state_machine_id
        LEFT JOIN workflow.execution_end x ON x.execution_id = e.id
        LEFT JOIN workflow.map_run r ON r.id = e.map_run_id
        CROSS JOIN LATERAL (SELECT coalesce(r.express, m.type = 'EXPRESS') AS express,
            CASE WHEN r.id IS NULL THEN m.name ELSE m.name || '/' || r.label END AS name) v
    WHERE e.state_machine_id IN (SELECT id FROM workflow.readable_state_machine);

CREATE VIEW workflow.history_events WITH (security_barrier) AS
    SELECT h.execution_id, v.id, v.previous_id, v.type, v.at, v.details
    FROM workflow.history h
        JOIN workflow.execution e ON e.id = h.execution_id
        CROSS JOIN LATERAL workflow.unpack_history(h.first_id, h.at, h.events) v
    WHERE e.state_machine_id IN (SELECT id FROM workflow.readable_state_machine);

-- A log group is a name to look for.  Of an EXPRESS execution nothing else is stored; of a STANDARD one it is chosen here.
CREATE VIEW workflow.log_events WITH (security_barrier) AS
    SELECT pg_catalog.substring(r.configuration #>> '{loggingConfiguration,destinations,0,cloudWatchLogsLogGroup,logGroupArn}',
            ':log-group:(.*?)(?::\*)?$') AS log_group,
        m.name AS state_machine, h.execution_id, v.id, v.previous_id, v.type, v.at, v.details
    FROM workflow.history h
        JOIN workflow.execution e ON e.id = h.execution_id
        JOIN workflow.state_machine m ON m.id = e.state_machine_id
        JOIN workflow.state_machine_revision r ON r.id = e.revision_id
        CROSS JOIN LATERAL workflow.unpack_log(h.first_id, h.at, h.events,
            r.configuration #>> '{loggingConfiguration,level}',
            (r.configuration #>> '{loggingConfiguration,includeExecutionData}')::boolean) v
    WHERE e.state_machine_id IN (SELECT id FROM workflow.readable_state_machine);

CREATE VIEW workflow.live_states WITH (security_barrier) AS
    SELECT f.execution_id, m.name AS state_machine, f.id AS frame, nullif(f.parent, -1) AS parent, f.index,
        f.state_name AS state, workflow.frame_status(f.status) AS status, f.attempt, f.entered_at, f.due_at,
        f.heartbeat_due_at, f.input, f.variables
    FROM workflow.frame f
        JOIN workflow.execution e ON e.id = f.execution_id
        JOIN workflow.state_machine m ON m.id = e.state_machine_id
    WHERE e.state_machine_id IN (SELECT id FROM workflow.readable_state_machine)
        AND workflow.frame_status(f.status) <> 'ended';

CREATE VIEW workflow.tasks WITH (security_barrier) AS
    SELECT r.execution_id, m.name AS state_machine, f.id AS frame, f.state_name AS state, r.role,
        CASE WHEN r.started THEN 'started' ELSE 'ready' END AS status, f.attempt, f.entered_at,
        f.due_at, f.heartbeat_due_at, f.input
    FROM workflow.ready r
        JOIN workflow.frame f ON f.execution_id = r.execution_id AND f.id = r.frame AND f.serial = r.serial
        JOIN workflow.execution e ON e.id = r.execution_id
        JOIN workflow.state_machine m ON m.id = e.state_machine_id
    WHERE r.kind = 't' AND e.state_machine_id IN (SELECT id FROM workflow.readable_state_machine);

CREATE VIEW workflow.visible_activity WITH (security_barrier) AS
    SELECT a.id
    FROM workflow.activity a
    WHERE pg_catalog.pg_has_role(a.owner, 'USAGE')
        OR EXISTS (SELECT FROM workflow.activity_privilege p
                   WHERE p.activity_id = a.id AND (p.grantee = 0 OR pg_catalog.pg_has_role(p.grantee, 'USAGE')));

CREATE VIEW workflow.activities WITH (security_barrier) AS
    SELECT a.name, workflow.activity_arn(a.name) AS arn, a.owner, a.created_at,
        (SELECT count(*) FROM workflow.activity_task t WHERE t.activity_id = a.id) AS waiting
    FROM workflow.activity a
    WHERE a.id IN (SELECT id FROM workflow.visible_activity);

CREATE VIEW workflow.activity_privileges WITH (security_barrier) AS
    SELECT a.name AS activity, CASE WHEN p.grantee = 0 THEN 'PUBLIC' ELSE p.grantee::text END AS grantee, p.privilege
    FROM workflow.activity_privilege p
        JOIN workflow.activity a ON a.id = p.activity_id
    WHERE a.id IN (SELECT id FROM workflow.visible_activity);

CREATE VIEW workflow.waiting_tasks WITH (security_barrier) AS
    SELECT f.execution_id, m.name AS state_machine, f.id AS frame, f.state_name AS state, v.run_as AS role,
        CASE WHEN r.started THEN 'started' WHEN r.id IS NOT NULL THEN 'ready'
            WHEN EXISTS (SELECT FROM workflow.activity_task a
                WHERE a.execution_id = f.execution_id AND a.frame = f.id AND a.serial = f.serial) THEN 'offered'
            ELSE 'waiting' END AS status, f.attempt, s.since,
        pg_catalog.now() - s.since AS age, f.due_at, f.heartbeat_due_at
    FROM workflow.frame f
        CROSS JOIN LATERAL (SELECT coalesce('epoch'::timestamptz + (f.memory ->> 'since')::bigint * interval '1 microsecond',
            f.entered_at)) s (since)
        JOIN workflow.execution e ON e.id = f.execution_id
        JOIN workflow.state_machine m ON m.id = e.state_machine_id
        JOIN workflow.state_machine_revision v ON v.id = e.revision_id
        LEFT JOIN workflow.ready r ON r.kind = 't' AND r.execution_id = f.execution_id AND r.frame = f.id
            AND r.serial = f.serial
    WHERE workflow.frame_status(f.status) = 'task'
        AND e.state_machine_id IN (SELECT id FROM workflow.readable_state_machine);

CREATE VIEW workflow.timers WITH (security_barrier) AS
    SELECT t.due_at, t.execution_id, m.name AS state_machine, t.frame,
        CASE t.kind WHEN 'f' THEN 'state' WHEN 'h' THEN 'heartbeat' WHEN 'x' THEN 'execution' WHEN 'a' THEN 'age'
            WHEN 'p' THEN 'poll' END AS kind
    FROM workflow.timer t
        JOIN workflow.execution e ON e.id = t.execution_id
        JOIN workflow.state_machine m ON m.id = e.state_machine_id
    WHERE t.due_at < 'infinity' AND e.state_machine_id IN (SELECT id FROM workflow.readable_state_machine);

CREATE VIEW workflow.map_runs WITH (security_barrier) AS
    SELECT r.id, workflow.map_run_arn(m.name, r.label, r.uuid) AS arn, r.execution_id, m.name AS state_machine, r.label,
        CASE r.status WHEN 'r' THEN 'RUNNING' WHEN 's' THEN 'SUCCEEDED' WHEN 'f' THEN 'FAILED' ELSE 'ABORTED' END AS status,
        CASE WHEN r.express THEN 'EXPRESS' ELSE 'STANDARD' END AS type,
        r.started_at, r.stopped_at, l.max_concurrency, l.tolerated_failure_count, l.tolerated_failure_percentage,
        r.items, p.next_item AS items_started, p.items_succeeded, p.items_failed, p.items_timed_out, p.items_aborted,
        p.next_child AS started, p.succeeded, p.failed, p.timed_out, p.aborted
    FROM workflow.map_run r
        JOIN workflow.map_limit l ON l.map_run_id = r.id
        JOIN workflow.map_progress p ON p.map_run_id = r.id
        JOIN workflow.state_machine m ON m.id = r.state_machine_id
    WHERE r.state_machine_id IN (SELECT id FROM workflow.readable_state_machine);

CREATE VIEW workflow.resource_mappings WITH (security_barrier) AS
    SELECT CASE WHEN m.owner = 0 THEN NULL ELSE m.owner END AS role, m.pattern, m.resource
    FROM workflow.resource_mapping m
    WHERE m.owner = 0 OR pg_catalog.pg_has_role(m.owner, 'USAGE');

CREATE VIEW workflow.workers AS
    SELECT w.pid, w.kind, d.datname AS database, w.role::regrole AS role, w.state, w.execution_id, w.frame, w.since
    FROM workflow.worker_processes() w
        LEFT JOIN pg_catalog.pg_database d ON d.oid = w.database;

CREATE VIEW workflow.state_machine_metrics WITH (security_barrier) AS
    SELECT m.name AS state_machine, count(e.id) AS started, count(e.id) - count(x.execution_id) AS running,
        count(*) FILTER (WHERE x.status = 'SUCCEEDED') AS succeeded,
        count(*) FILTER (WHERE x.status = 'FAILED') AS failed,
        count(*) FILTER (WHERE x.status = 'TIMED_OUT') AS timed_out,
        count(*) FILTER (WHERE x.status = 'ABORTED') AS aborted,
        avg(x.stopped_at - e.started_at) AS average_duration, max(x.stopped_at - e.started_at) AS longest_duration
    FROM workflow.state_machine m
        LEFT JOIN workflow.execution e ON e.state_machine_id = m.id AND e.map_run_id IS NULL
        LEFT JOIN workflow.execution_end x ON x.execution_id = e.id
    WHERE m.id IN (SELECT id FROM workflow.readable_state_machine) AND m.status <> 'DELETED'
    GROUP BY m.id, m.name;

CREATE VIEW workflow.state_metrics WITH (security_barrier) AS
    SELECT m.name AS state_machine, f.state_name AS state, workflow.frame_status(f.status) AS status,
        count(*) AS frames, min(f.entered_at) AS oldest, sum(f.attempt) AS retries
    FROM workflow.frame f
        JOIN workflow.execution e ON e.id = f.execution_id
        JOIN workflow.state_machine m ON m.id = e.state_machine_id
    WHERE e.state_machine_id IN (SELECT id FROM workflow.readable_state_machine)
        AND workflow.frame_status(f.status) <> 'ended'
    GROUP BY m.id, m.name, f.state_name, f.status;
