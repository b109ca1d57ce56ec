-- workflow: AWS Step Functions inside PostgreSQL.
-- The script of the extension is put together from sql/parts/*.sql, in the order of their names.
-- The schema "workflow" is made by the control file.

-- complain if the script is read in psql, rather than by CREATE EXTENSION
\echo Use "CREATE EXTENSION workflow" to load this file. \quit

