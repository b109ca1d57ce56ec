-- State machines
CREATE FUNCTION workflow.create_state_machine(name text, definition text, run_as regrole DEFAULT NULL,
        type text DEFAULT 'STANDARD') RETURNS text
    LANGUAGE c AS 'MODULE_PATHNAME', 'workflow_create_state_machine';

CREATE FUNCTION workflow.update_state_machine(state_machine text, definition text DEFAULT NULL,
        run_as regrole DEFAULT NULL) RETURNS uuid
    LANGUAGE c AS 'MODULE_PATHNAME', 'workflow_update_state_machine';

CREATE FUNCTION workflow.delete_state_machine(state_machine text) RETURNS void
    LANGUAGE c AS 'MODULE_PATHNAME', 'workflow_delete_state_machine';

CREATE FUNCTION workflow.describe_state_machine(state_machine text, OUT name text, OUT arn text, OUT type text,
        OUT status text, OUT definition text, OUT run_as regrole, OUT role_arn text, OUT owner regrole,
        OUT revision uuid, OUT created_at timestamptz, OUT updated_at timestamptz)
    LANGUAGE c AS 'MODULE_PATHNAME', 'workflow_describe_state_machine';

CREATE FUNCTION workflow.list_state_machines(OUT name text, OUT arn text, OUT type text, OUT created_at timestamptz)
    RETURNS SETOF record
    LANGUAGE c AS 'MODULE_PATHNAME', 'workflow_list_state_machines';

CREATE FUNCTION workflow.validate_state_machine_definition(definition text, type text DEFAULT 'STANDARD',
        OUT severity text, OUT code text, OUT message text, OUT location text) RETURNS SETOF record
    LANGUAGE c AS 'MODULE_PATHNAME', 'workflow_validate_state_machine_definition';

-- Trying an expression alone
CREATE FUNCTION workflow.evaluate(expression text, input jsonb DEFAULT '{}', variables jsonb DEFAULT '{}',
        context jsonb DEFAULT '{}') RETURNS json
    LANGUAGE c AS 'MODULE_PATHNAME', 'workflow_evaluate';

-- Who may use them
CREATE FUNCTION workflow.grant_state_machine(state_machine text, grantee text, VARIADIC privileges text[]) RETURNS void
    LANGUAGE c AS 'MODULE_PATHNAME', 'workflow_grant_state_machine';

CREATE FUNCTION workflow.revoke_state_machine(state_machine text, grantee text, VARIADIC privileges text[]) RETURNS void
    LANGUAGE c AS 'MODULE_PATHNAME', 'workflow_revoke_state_machine';

-- What is logged of its executions, and under which name it is found
CREATE FUNCTION workflow.set_logging(state_machine text, level text, include_execution_data boolean DEFAULT false,
        log_group text DEFAULT NULL) RETURNS uuid
    LANGUAGE c AS 'MODULE_PATHNAME', 'workflow_set_logging';

-- How long executions stay that have ended; null: as long as the setting workflow.retention says
CREATE FUNCTION workflow.set_retention(state_machine text, retention interval) RETURNS void
    LANGUAGE c AS 'MODULE_PATHNAME', 'workflow_set_retention';

-- Foreign resources as local work
CREATE FUNCTION workflow.map_resource(pattern text, resource text, for_role regrole DEFAULT NULL) RETURNS void
    LANGUAGE c AS 'MODULE_PATHNAME', 'workflow_map_resource';
