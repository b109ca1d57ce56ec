-- What people call, by subject.  Each function takes the caller's rights into account itself: 50_privileges.sql.

-- The service's own interface
CREATE FUNCTION workflow.api(action text, request jsonb DEFAULT '{}') RETURNS jsonb
    LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'workflow_api';
