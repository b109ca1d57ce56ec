-- Running without workers
CREATE FUNCTION workflow.run_until_idle(advance_clock boolean DEFAULT false) RETURNS bigint
    LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'workflow_run_until_idle';

-- Administration
CREATE FUNCTION workflow.resume() RETURNS void
    LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'workflow_resume';

CREATE FUNCTION workflow.pause() RETURNS void
    LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'workflow_pause';

CREATE PROCEDURE workflow.purge(older_than interval DEFAULT NULL, state_machine text DEFAULT NULL,
        INOUT purged bigint DEFAULT NULL)
    LANGUAGE c AS 'MODULE_PATHNAME', 'workflow_purge';

CREATE FUNCTION workflow.worker_processes(OUT pid integer, OUT kind text, OUT database oid, OUT role oid,
        OUT state text, OUT execution_id bigint, OUT frame integer, OUT since timestamptz) RETURNS SETOF record
    LANGUAGE c AS 'MODULE_PATHNAME', 'workflow_workers';

-- What the views are made of: stored numbers as words, and names that are computed.  In C, from the engine's own lists.
CREATE FUNCTION workflow.unpack_history(first_id integer, started_at timestamptz, events json, OUT id integer,
        OUT previous_id integer, OUT type text, OUT at timestamptz, OUT details json) RETURNS SETOF record
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 20 AS 'MODULE_PATHNAME', 'workflow_unpack_history';

CREATE FUNCTION workflow.unpack_log(first_id integer, started_at timestamptz, events json, level text, with_data boolean,
        OUT id integer, OUT previous_id integer, OUT type text, OUT at timestamptz, OUT details json) RETURNS SETOF record
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 20 AS 'MODULE_PATHNAME', 'workflow_unpack_log';

CREATE FUNCTION workflow.frame_status(status "char") RETURNS text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'workflow_frame_status';

CREATE FUNCTION workflow.generated_execution_name(execution bigint) RETURNS text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'workflow_generated_execution_name';

CREATE FUNCTION workflow.state_machine_arn(name text) RETURNS text
    LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'workflow_state_machine_arn';

CREATE FUNCTION workflow.map_run_arn(state_machine text, label text, uuid text) RETURNS text
    LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'workflow_map_run_arn';

CREATE FUNCTION workflow.execution_arn(state_machine text, name text) RETURNS text
    LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'workflow_execution_arn';

CREATE FUNCTION workflow.express_execution_arn(state_machine text, name text, execution bigint) RETURNS text
    LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'workflow_express_execution_arn';
