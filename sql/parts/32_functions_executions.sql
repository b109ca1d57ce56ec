-- Executions.  By id; or by name or ARN, as text.
CREATE FUNCTION workflow.start_execution(state_machine text, input jsonb DEFAULT '{}', name text DEFAULT NULL)
    RETURNS bigint
    LANGUAGE c AS 'MODULE_PATHNAME', 'workflow_start_execution';

-- Arguments of the trigger: the state machine, and a pattern of the execution's name
CREATE FUNCTION workflow.start_execution_trigger() RETURNS trigger
    LANGUAGE c AS 'MODULE_PATHNAME', 'workflow_start_execution_trigger';

CREATE FUNCTION workflow.start_sync_execution(state_machine text, input jsonb DEFAULT '{}', name text DEFAULT NULL,
        OUT arn text, OUT status text, OUT output json, OUT error text, OUT cause text, OUT started_at timestamptz,
        OUT stopped_at timestamptz)
    LANGUAGE c AS 'MODULE_PATHNAME', 'workflow_start_sync_execution';

CREATE FUNCTION workflow.stop_execution(execution bigint, error text DEFAULT NULL, cause text DEFAULT NULL)
    RETURNS timestamptz
    LANGUAGE c AS 'MODULE_PATHNAME', 'workflow_stop_execution';
CREATE FUNCTION workflow.stop_execution(execution text, error text DEFAULT NULL, cause text DEFAULT NULL)
    RETURNS timestamptz
    LANGUAGE c AS 'MODULE_PATHNAME', 'workflow_stop_execution_by_name';

CREATE FUNCTION workflow.describe_execution(execution bigint, OUT id bigint, OUT name text, OUT arn text,
        OUT state_machine text, OUT status text, OUT input json, OUT output json, OUT error text, OUT cause text,
        OUT started_at timestamptz, OUT stopped_at timestamptz)
    LANGUAGE c AS 'MODULE_PATHNAME', 'workflow_describe_execution';
CREATE FUNCTION workflow.describe_execution(execution text, OUT id bigint, OUT name text, OUT arn text,
        OUT state_machine text, OUT status text, OUT input json, OUT output json, OUT error text, OUT cause text,
        OUT started_at timestamptz, OUT stopped_at timestamptz)
    LANGUAGE c AS 'MODULE_PATHNAME', 'workflow_describe_execution_by_name';

CREATE FUNCTION workflow.list_executions(state_machine text, status text DEFAULT NULL, max_results integer DEFAULT 100,
        OUT id bigint, OUT name text, OUT arn text, OUT status text, OUT started_at timestamptz,
        OUT stopped_at timestamptz) RETURNS SETOF record
    LANGUAGE c AS 'MODULE_PATHNAME', 'workflow_list_executions';

CREATE FUNCTION workflow.get_execution_history(execution bigint, reverse_order boolean DEFAULT false, OUT id integer,
        OUT previous_id integer, OUT type text, OUT at timestamptz, OUT details json) RETURNS SETOF record
    LANGUAGE c AS 'MODULE_PATHNAME', 'workflow_get_execution_history';
CREATE FUNCTION workflow.get_execution_history(execution text, reverse_order boolean DEFAULT false, OUT id integer,
        OUT previous_id integer, OUT type text, OUT at timestamptz, OUT details json) RETURNS SETOF record
    LANGUAGE c AS 'MODULE_PATHNAME', 'workflow_get_execution_history_by_name';

CREATE FUNCTION workflow.list_map_runs(execution bigint, OUT arn text, OUT label text, OUT status text, OUT items bigint,
        OUT started_at timestamptz, OUT stopped_at timestamptz) RETURNS SETOF record
    LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'workflow_list_map_runs';
CREATE FUNCTION workflow.list_map_runs(execution text, OUT arn text, OUT label text, OUT status text, OUT items bigint,
        OUT started_at timestamptz, OUT stopped_at timestamptz) RETURNS SETOF record
    LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'workflow_list_map_runs_by_name';
CREATE FUNCTION workflow.describe_map_run(map_run text, OUT arn text, OUT execution bigint, OUT state_machine text,
        OUT label text, OUT status text, OUT started_at timestamptz, OUT stopped_at timestamptz, OUT max_concurrency bigint,
        OUT tolerated_failure_percentage double precision, OUT tolerated_failure_count bigint, OUT items json,
        OUT children json)
    LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'workflow_describe_map_run';
CREATE FUNCTION workflow.update_map_run(map_run text, max_concurrency bigint DEFAULT NULL,
        tolerated_failure_percentage double precision DEFAULT NULL, tolerated_failure_count bigint DEFAULT NULL) RETURNS void
    LANGUAGE c AS 'MODULE_PATHNAME', 'workflow_update_map_run';

CREATE FUNCTION workflow.wait_for_execution(execution bigint, timeout interval DEFAULT '30 s') RETURNS text
    LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'workflow_wait_for_execution';
-- Without defaults: a call with one or two arguments means the function.
CREATE PROCEDURE workflow.wait_for_execution(execution bigint, timeout interval, INOUT status text)
    LANGUAGE c AS 'MODULE_PATHNAME', 'workflow_wait_for_execution_procedure';

-- Inside a task's function
CREATE FUNCTION workflow.raise(error text, cause text DEFAULT NULL) RETURNS void
    LANGUAGE c AS 'MODULE_PATHNAME', 'workflow_raise';

CREATE FUNCTION workflow.context() RETURNS json
    LANGUAGE c AS 'MODULE_PATHNAME', 'workflow_context';
