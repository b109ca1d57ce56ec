-- workflow: AWS Step Functions inside PostgreSQL.
-- The script of the extension is put together from sql/parts/*.sql, in the order of their names.
-- The schema "workflow" is made by the control file.

-- complain if the script is read in psql, rather than by CREATE EXTENSION
\echo Use "CREATE EXTENSION workflow" to load this file. \quit

-- Not in a database of another encoding: what JSON and definitions say is UTF-8, and there it could not be stored.
CREATE FUNCTION workflow.check_encoding() RETURNS void LANGUAGE c AS 'MODULE_PATHNAME', 'workflow_check_encoding';
SELECT workflow.check_encoding();
DROP FUNCTION workflow.check_encoding();

