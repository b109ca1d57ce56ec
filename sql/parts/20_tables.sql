-- The tables.  Facts are written once; what changes often is small; queues are insert and delete.
--
-- Only the engine writes here, as the extension's owner.  Nobody else is given anything on a table: people read the
-- views, which show a role what it may see.  Payloads are json, not jsonb: the keys keep their order.
-- What is kept for a time is vacuumed when a twentieth of it has been purged, so that its space is used again soon.
-- The tables that churn are vacuumed by the number of their dead rows: a share of a million that sleep would be far too
-- many.  The queues keep their size: to cut a table shorter, vacuum locks everybody out.
-- No foreign keys between the hot tables: a row is only ever written by code that holds its owner's lock, and a restore
-- loads tables in any order.

-- Whose data this is.  Written at the first create_state_machine, never by this script: a dump carries it, and where it
-- does not name this cluster, database and extension, the data is a copy, which stands still until resume().
CREATE TABLE workflow.installation (
    id smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    system_identifier bigint NOT NULL,
    database oid NOT NULL,
    extension oid NOT NULL,
    paused boolean NOT NULL DEFAULT false,
    token_key bytea NOT NULL                    -- task tokens are made with it: store/task_token.h
);

CREATE SEQUENCE workflow.state_machine_id;
CREATE SEQUENCE workflow.revision_id;
-- Executions and ready work share one sequence: the ready row that starts an execution has the execution's own id.
CREATE SEQUENCE workflow.execution_id CACHE 1;

CREATE TABLE workflow.state_machine (
    id bigint PRIMARY KEY DEFAULT nextval('workflow.state_machine_id'),
    name text NOT NULL,
    type text NOT NULL CHECK (type IN ('STANDARD', 'EXPRESS')),
    status text NOT NULL DEFAULT 'ACTIVE' CHECK (status IN ('ACTIVE', 'DELETING', 'DELETED')),
    owner regrole NOT NULL,
    revision_id bigint NOT NULL,                -- the current one; no foreign key: the two would form a circle, which
                                                -- a dump of an extension's data cannot load
    created_at timestamptz NOT NULL,
    updated_at timestamptz,
    retention interval,                         -- how long executions stay that have ended; null: workflow.retention
    installation smallint NOT NULL DEFAULT 1 REFERENCES workflow.installation
);
-- A deleted machine's row stays for its executions' sake; its name is free again.
CREATE UNIQUE INDEX state_machine_name ON workflow.state_machine (name) WHERE status <> 'DELETED';
CREATE INDEX state_machine_deleted_name ON workflow.state_machine (name) WHERE status = 'DELETED';

-- What an execution runs: fixed for ever once written.
CREATE TABLE workflow.state_machine_revision (
    id bigint PRIMARY KEY DEFAULT nextval('workflow.revision_id'),
    state_machine_id bigint NOT NULL REFERENCES workflow.state_machine,
    revision uuid,                              -- the service's revisionId; null for the first
    definition text NOT NULL,                   -- byte for byte as it was given
    run_as regrole NOT NULL,
    role_arn text NOT NULL,                     -- as it was given; names run_as
    configuration jsonb NOT NULL DEFAULT '{}',  -- loggingConfiguration, tracingConfiguration, encryptionConfiguration
    created_at timestamptz NOT NULL
);
CREATE INDEX state_machine_revision_machine ON workflow.state_machine_revision (state_machine_id);

CREATE TABLE workflow.state_machine_tag (
    state_machine_id bigint NOT NULL REFERENCES workflow.state_machine,
    key text NOT NULL,
    value text NOT NULL,
    PRIMARY KEY (state_machine_id, key)
);

-- Beside the owner: who may start a machine's executions and read them.  Grantee 0 is PUBLIC.
CREATE TABLE workflow.state_machine_privilege (
    state_machine_id bigint NOT NULL REFERENCES workflow.state_machine,
    grantee regrole NOT NULL,
    privilege text NOT NULL CHECK (privilege IN ('start', 'read', 'manage')),
    PRIMARY KEY (state_machine_id, grantee, privilege)
);

-- Foreign resources as local work.  Owner 0: the administrator's, for everybody.
CREATE TABLE workflow.resource_mapping (
    owner regrole NOT NULL,
    pattern text NOT NULL,
    resource text NOT NULL,
    PRIMARY KEY (owner, pattern)
);

-- What is known of an execution when it starts; never changed.
CREATE TABLE workflow.execution (
    id bigint PRIMARY KEY DEFAULT nextval('workflow.execution_id'),
    state_machine_id bigint NOT NULL,
    revision_id bigint NOT NULL,
    name text,                                  -- null: none was given, and it is made from the id (generated_name)
    input json NOT NULL,
    started_at timestamptz NOT NULL,
    trace_header text,
    parent_id bigint,                           -- the execution whose task started it
    map_run_id bigint,                          -- of a Map Run's child: whose, its number there, of how many items it is
    map_index bigint,
    map_items int
) WITH (autovacuum_vacuum_scale_factor = 0.05);
-- A machine's own (map_run_id is null) lie beside each other, and so do the children of each Map Run, in their order.  One
-- index for both: the predicate of a partial one would be evaluated for each execution.
CREATE INDEX execution_by_machine ON workflow.execution (state_machine_id, map_run_id, map_index, id);

-- Names that were given, to find an execution by and to keep them unique.
CREATE TABLE workflow.execution_name (
    state_machine_id bigint NOT NULL,
    name text NOT NULL,
    execution_id bigint NOT NULL,
    PRIMARY KEY (state_machine_id, name)
) WITH (autovacuum_vacuum_scale_factor = 0.05);

-- How an execution ended; written once, at its end.  An execution without it is RUNNING.
CREATE TABLE workflow.execution_end (
    execution_id bigint PRIMARY KEY,
    state_machine_id bigint NOT NULL,
    map_run_id bigint,                          -- as in execution
    status text NOT NULL,                       -- SUCCEEDED, FAILED, TIMED_OUT or ABORTED; without a CHECK, see store/table.h
    stopped_at timestamptz NOT NULL,
    output json,
    error text,
    cause text
) WITH (autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX execution_end_by_machine ON workflow.execution_end (state_machine_id, map_run_id, status, stopped_at, execution_id);

-- Executions whose end tasks wait for, each in the state that parent, frame and serial name: gone with that end, which alone
-- deletes here; a task that no longer waits takes no notice of its answer.
CREATE TABLE workflow.awaited_execution (
    execution_id bigint NOT NULL,
    parent_id bigint NOT NULL,
    frame int NOT NULL,
    serial int NOT NULL,
    parsed boolean NOT NULL,                    -- .sync:2: the result shows its input and output as JSON
    joined boolean NOT NULL,                    -- it ran already under the name that the task gave: not for the task to stop
    PRIMARY KEY (execution_id, parent_id, frame, serial)
) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);
CREATE INDEX awaited_execution_by_task ON workflow.awaited_execution (parent_id, frame, serial);

-- The execution's row: small, of fixed width, locked for each transition.  It is made when an execution first waits and
-- goes when it ends: an execution that never waits never has one.
--
-- Its updates, and those of the frames, are in place (HOT), but for one in 64 events, which moves the row to another place
-- in the index: while somebody holds an old snapshot nothing that was replaced can be cleared away, and whoever looks for
-- the row would step over all that it has ever been.  So it is looked for from the index's end, and frames from the
-- oldest that lives.
CREATE TABLE workflow.live_execution (
    execution_id bigint NOT NULL,
    epoch int NOT NULL,                         -- of the last event: store/execution.h
    last_event_id int NOT NULL,
    last_event_at timestamptz NOT NULL,
    next_frame int NOT NULL,
    next_serial int NOT NULL,
    oldest_epoch int NOT NULL,                  -- of its frames that have not ended
    timeout_at timestamptz,
    PRIMARY KEY (execution_id, epoch)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);

-- Where an execution stands: one row for the machine itself, each branch and each iteration.
CREATE TABLE workflow.frame (
    execution_id bigint NOT NULL,
    epoch int NOT NULL,                         -- in which it was last written; -1: it has ended
    id int NOT NULL,
    parent int NOT NULL,                        -- -1: the machine itself
    index int NOT NULL,                         -- of the branch or iteration
    block int NOT NULL,                         -- numbers of the interpreter, within the revision's definition
    state int NOT NULL,
    status "char" NOT NULL,                     -- wf_frame_status, see the view live_states
    serial int NOT NULL,
    entered_event int NOT NULL,
    attempt int NOT NULL,
    entered_at timestamptz NOT NULL,
    due_at timestamptz,
    heartbeat_due_at timestamptz,
    state_name text NOT NULL,
    memory json NOT NULL,
    input json,
    items json,
    variables json,
    result json,
    PRIMARY KEY (execution_id, epoch, id)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000,
    toast.autovacuum_vacuum_scale_factor = 0.01, toast.autovacuum_vacuum_threshold = 1000);

-- Work that a pool worker of this role can do now.  kind: s start the execution, g go on after a pause, t run a task, w a
-- wait is over, m something has happened to a Map Run, n it has more to do, i carry out what has been set aside for the
-- execution (its id is the execution's: one at most).
CREATE TABLE workflow.ready (
    role regrole NOT NULL,
    id bigint NOT NULL DEFAULT nextval('workflow.execution_id'),
    execution_id bigint NOT NULL,
    kind "char" NOT NULL,
    frame int NOT NULL DEFAULT 0,
    serial int NOT NULL DEFAULT 0,
    started boolean NOT NULL DEFAULT false,     -- TaskStarted has been written
    alone boolean NOT NULL DEFAULT false,       -- not in a batch: it is slow, it failed in one, or its worker died
    not_before timestamptz,                     -- something went wrong that is not the execution's fault
    PRIMARY KEY (role, alone, id)
) WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, vacuum_truncate = off);

-- Tasks whose worker died while it ran them alone, and how often; three times, and the task is failed.
CREATE TABLE workflow.crashed_task (
    execution_id bigint NOT NULL,
    frame int NOT NULL,
    serial int NOT NULL,
    crashes int NOT NULL,
    PRIMARY KEY (execution_id, frame, serial)
);

-- Moments to come.  kind: f of a frame (wait, retry, task timeout), h heartbeat, x the execution's own timeout, a the age at
-- which a task that is out is told of, p the end of a poll for an activity's task.  Due at infinity: it has come, and is set
-- aside for a worker (ready, kind i).
CREATE TABLE workflow.timer (
    due_at timestamptz NOT NULL,
    execution_id bigint NOT NULL,
    frame int NOT NULL,
    serial int NOT NULL,
    role regrole,                               -- of a wait or retry: its workers may take it up; null: what ends a task
                                                -- cannot wait for a worker
    kind "char" NOT NULL,
    PRIMARY KEY (due_at, execution_id, frame, kind)
) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000, vacuum_truncate = off);

-- What comes in from outside for an execution; never waits for its lock.  kind: s stop, d its machine is being deleted, b a
-- stop, because who started it waits for it no longer, j somebody waits for its end; of the task that a frame waits for: a it
-- has been taken by a worker, h its worker is alive, r its result, f its failure; o it polls an activity, which may have a
-- task for it.
CREATE SEQUENCE workflow.inbox_id;
CREATE TABLE workflow.inbox (
    id bigint PRIMARY KEY DEFAULT nextval('workflow.inbox_id'),
    execution_id bigint NOT NULL,
    kind "char" NOT NULL,
    frame int NOT NULL DEFAULT 0,
    serial int NOT NULL DEFAULT 0,
    output json,
    error text,
    cause text,
    worker text,
    at timestamptz NOT NULL,
    not_before timestamptz                      -- as for ready; infinity, it is set aside: for a worker (ready, kind i), or an
                                                -- answer that came before its question was out
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, vacuum_truncate = off);
-- What is set aside for an execution.
CREATE INDEX inbox_set_aside ON workflow.inbox (execution_id, id) WHERE not_before = 'infinity';
-- Are machines still being deleted?  Has no entries otherwise.
CREATE INDEX inbox_deleting ON workflow.inbox (id) WHERE kind = 'd';
-- Who is abandoned starts nothing more to wait for.
CREATE INDEX inbox_abandoned ON workflow.inbox (execution_id) WHERE kind = 'b';
-- A task is answered once.
CREATE UNIQUE INDEX inbox_answer ON workflow.inbox (execution_id, frame, serial) WHERE kind IN ('r', 'f');
-- To be told once is enough.
CREATE UNIQUE INDEX inbox_offer ON workflow.inbox (execution_id, frame, serial) WHERE kind = 'o';

-- Payloads of notifications that were too large for NOTIFY; they leave with their execution.
CREATE TABLE workflow.notification (
    id uuid PRIMARY KEY,                        -- random: who knows it has got the notification
    execution_id bigint NOT NULL,               -- 0: it was run to its end within a call, and is not kept
    at timestamptz NOT NULL,
    payload json NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX notification_execution ON workflow.notification (execution_id, at);

-- Work that workers outside poll for.
CREATE SEQUENCE workflow.activity_id;
CREATE TABLE workflow.activity (
    id bigint PRIMARY KEY DEFAULT nextval('workflow.activity_id'),
    name text NOT NULL UNIQUE,
    owner regrole NOT NULL,
    created_at timestamptz NOT NULL,
    installation smallint NOT NULL DEFAULT 1 REFERENCES workflow.installation
);

CREATE TABLE workflow.activity_tag (
    activity_id bigint NOT NULL REFERENCES workflow.activity ON DELETE CASCADE,
    key text NOT NULL,
    value text NOT NULL,
    PRIMARY KEY (activity_id, key)
);

-- Beside the owner: who may poll an activity and manage it.  Grantee 0 is PUBLIC.
CREATE TABLE workflow.activity_privilege (
    activity_id bigint NOT NULL REFERENCES workflow.activity ON DELETE CASCADE,
    grantee regrole NOT NULL,
    privilege text NOT NULL CHECK (privilege IN ('poll', 'manage')),
    PRIMARY KEY (activity_id, grantee, privilege)
);

-- Tasks of activities that no worker has taken yet, each activity's a queue.  An activity's that was deleted stay with the
-- states that wait for them, until these give up.
CREATE SEQUENCE workflow.activity_task_id;
CREATE TABLE workflow.activity_task (
    activity_id bigint NOT NULL,
    id bigint NOT NULL DEFAULT nextval('workflow.activity_task_id'),
    execution_id bigint NOT NULL,
    frame int NOT NULL,
    serial int NOT NULL,
    role regrole NOT NULL,                      -- the machine's
    input json NOT NULL,
    PRIMARY KEY (activity_id, id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, vacuum_truncate = off);
CREATE INDEX activity_task_execution ON workflow.activity_task (execution_id, frame, serial);
-- Whose role may not poll the activity finds its own without a look at the others'.
CREATE INDEX activity_task_role ON workflow.activity_task (activity_id, role, id);

-- Executions whose own tasks wait for an activity's (aws-sdk:sfn:getActivityTask), first come first served; no worker is
-- held meanwhile.  A row goes when the task has one, when its timer ends the wait, or with the state.
CREATE SEQUENCE workflow.activity_poll_id;
CREATE TABLE workflow.activity_poll (
    activity_id bigint NOT NULL,
    id bigint NOT NULL DEFAULT nextval('workflow.activity_poll_id'),
    execution_id bigint NOT NULL,
    frame int NOT NULL,
    serial int NOT NULL,
    role regrole NOT NULL,                      -- as which it polls
    worker text,
    due_at timestamptz NOT NULL,                -- of its timer
    since timestamptz NOT NULL,
    PRIMARY KEY (activity_id, role, id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, vacuum_truncate = off);
CREATE INDEX activity_poll_execution ON workflow.activity_poll (execution_id, frame, serial);

-- What happened, event by event, numbered from 1 without gaps in the order of commits.  A row is a part: the events of
-- one step, packed, each payload in it once (interpreter/history_part.h; unpack_history() reads it).  Append-only.
CREATE TABLE workflow.history (
    execution_id bigint NOT NULL,
    first_id int NOT NULL,
    at timestamptz NOT NULL,                    -- of the first event
    events json NOT NULL,
    PRIMARY KEY (execution_id, first_id)
) WITH (autovacuum_vacuum_scale_factor = 0.05);

-- The runs of distributed Maps.  Three rows of each, for three who write: this one who holds the execution (its birth, its
-- items, its end), map_limit whoever changes it, map_progress its turns (engine/map_run.c).  So none waits for another.
-- status: r running, s succeeded, f failed, a aborted.
CREATE TABLE workflow.map_run (
    id bigint PRIMARY KEY DEFAULT nextval('workflow.execution_id'),
    execution_id bigint NOT NULL,
    frame int NOT NULL,                         -- which waits for it, under this serial
    serial int NOT NULL,
    state_machine_id bigint NOT NULL,
    uuid text NOT NULL,                         -- the last part of its ARN
    label text NOT NULL,
    block int NOT NULL,                         -- of the revision's definition: what the children run
    express boolean NOT NULL,
    writes_results boolean NOT NULL,            -- the results go to a ResultWriter, not to the Map
    status "char" NOT NULL DEFAULT 'r',
    started_at timestamptz NOT NULL,
    stopped_at timestamptz,
    items bigint,                               -- null: they are being read
    results_written boolean NOT NULL DEFAULT false, -- by the ResultWriter, as a whole
    UNIQUE (execution_id, frame, serial)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);
CREATE INDEX map_run_by_machine ON workflow.map_run (state_machine_id, stopped_at, id);
CREATE UNIQUE INDEX map_run_uuid ON workflow.map_run (uuid);

CREATE TABLE workflow.map_limit (
    map_run_id bigint PRIMARY KEY,
    max_concurrency bigint NOT NULL,            -- 0: no limit of its own
    tolerated_failure_count bigint,
    tolerated_failure_percentage float8
) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);

-- Updated in place within an epoch, of 64 turns; moved on with the next, as live executions are: the newest is the last.
CREATE TABLE workflow.map_progress (
    map_run_id bigint NOT NULL,
    epoch int NOT NULL DEFAULT 0,
    turn int NOT NULL DEFAULT 0,                -- how many have changed something
    goes_on boolean NOT NULL DEFAULT false,     -- a ready row of kind n stands
    told boolean NOT NULL DEFAULT false,        -- that all children have ended: what remains is to write their results
    next_item bigint NOT NULL DEFAULT 0,        -- the first that no child has
    next_child bigint NOT NULL DEFAULT 0,
    stopped bigint NOT NULL DEFAULT 0,          -- so many of the newest children have been told to stop, or had ended
    next_cleared bigint NOT NULL DEFAULT 0,     -- items before it have been cleared away
    succeeded bigint NOT NULL DEFAULT 0,
    failed bigint NOT NULL DEFAULT 0,
    timed_out bigint NOT NULL DEFAULT 0,
    aborted bigint NOT NULL DEFAULT 0,
    items_succeeded bigint NOT NULL DEFAULT 0,
    items_failed bigint NOT NULL DEFAULT 0,
    items_timed_out bigint NOT NULL DEFAULT 0,
    items_aborted bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (map_run_id, epoch)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);

-- A Map Run's items, in arrays of some dozens; they go when it has ended.
CREATE TABLE workflow.map_item (
    execution_id bigint NOT NULL,
    frame int NOT NULL,
    serial int NOT NULL,
    first bigint NOT NULL,                      -- number of the first one
    n int NOT NULL,
    items json NOT NULL,
    PRIMARY KEY (execution_id, frame, serial, first)
) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);

-- Children that have ended and are not counted yet: each has a higher id than the ready row that announces it, which is where
-- a turn begins to look.  status: as of a Map Run; t timed out.
CREATE TABLE workflow.map_ended (
    map_run_id bigint NOT NULL,
    id bigint NOT NULL,
    status "char" NOT NULL,
    items int NOT NULL,
    PRIMARY KEY (map_run_id, id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, vacuum_truncate = off);

-- pg_dump carries all of it, but for what roles were given that have been dropped since: it knows these by their OIDs alone,
-- which elsewhere may be another role's.
SELECT pg_catalog.pg_extension_config_dump('workflow.installation', '');
SELECT pg_catalog.pg_extension_config_dump('workflow.state_machine_id', '');
SELECT pg_catalog.pg_extension_config_dump('workflow.revision_id', '');
SELECT pg_catalog.pg_extension_config_dump('workflow.execution_id', '');
SELECT pg_catalog.pg_extension_config_dump('workflow.state_machine', '');
SELECT pg_catalog.pg_extension_config_dump('workflow.state_machine_revision', '');
SELECT pg_catalog.pg_extension_config_dump('workflow.state_machine_tag', '');
SELECT pg_catalog.pg_extension_config_dump('workflow.state_machine_privilege', 'WHERE grantee = 0 OR grantee IN (SELECT oid FROM pg_catalog.pg_roles)');
SELECT pg_catalog.pg_extension_config_dump('workflow.resource_mapping', 'WHERE owner = 0 OR owner IN (SELECT oid FROM pg_catalog.pg_roles)');
SELECT pg_catalog.pg_extension_config_dump('workflow.execution', '');
SELECT pg_catalog.pg_extension_config_dump('workflow.execution_name', '');
SELECT pg_catalog.pg_extension_config_dump('workflow.execution_end', '');
SELECT pg_catalog.pg_extension_config_dump('workflow.awaited_execution', '');
SELECT pg_catalog.pg_extension_config_dump('workflow.live_execution', '');
SELECT pg_catalog.pg_extension_config_dump('workflow.frame', '');
SELECT pg_catalog.pg_extension_config_dump('workflow.ready', '');
SELECT pg_catalog.pg_extension_config_dump('workflow.crashed_task', '');
SELECT pg_catalog.pg_extension_config_dump('workflow.timer', '');
SELECT pg_catalog.pg_extension_config_dump('workflow.inbox_id', '');
SELECT pg_catalog.pg_extension_config_dump('workflow.inbox', '');
SELECT pg_catalog.pg_extension_config_dump('workflow.notification', '');
SELECT pg_catalog.pg_extension_config_dump('workflow.activity_id', '');
SELECT pg_catalog.pg_extension_config_dump('workflow.activity', '');
SELECT pg_catalog.pg_extension_config_dump('workflow.activity_tag', '');
SELECT pg_catalog.pg_extension_config_dump('workflow.activity_privilege', 'WHERE grantee = 0 OR grantee IN (SELECT oid FROM pg_catalog.pg_roles)');
SELECT pg_catalog.pg_extension_config_dump('workflow.activity_task_id', '');
SELECT pg_catalog.pg_extension_config_dump('workflow.activity_task', '');
SELECT pg_catalog.pg_extension_config_dump('workflow.activity_poll_id', '');
SELECT pg_catalog.pg_extension_config_dump('workflow.activity_poll', '');
SELECT pg_catalog.pg_extension_config_dump('workflow.history', '');
SELECT pg_catalog.pg_extension_config_dump('workflow.map_run', '');
SELECT pg_catalog.pg_extension_config_dump('workflow.map_limit', '');
SELECT pg_catalog.pg_extension_config_dump('workflow.map_progress', '');
SELECT pg_catalog.pg_extension_config_dump('workflow.map_item', '');
SELECT pg_catalog.pg_extension_config_dump('workflow.map_ended', '');
