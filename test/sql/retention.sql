-- How long executions stay that have ended, and who may purge them.
-- what other tests have left goes first
SET workflow.clock = '2100-01-01 00:00:00Z';
CALL workflow.purge('0') \gset
SET workflow.clock = '2026-01-01 00:00:00Z';
SELECT workflow.create_state_machine('kept', '{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}');
SELECT workflow.create_state_machine('short', '{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}');
SELECT workflow.create_state_machine('failing', '{"StartAt":"F","States":{"F":{"Type":"Fail","Error":"E"}}}');
SELECT workflow.create_state_machine('waiting', '{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":99999999,"End":true}}}');
SELECT count(workflow.start_execution(m, '{}', m || i))
    FROM unnest('{kept,short,failing,waiting}'::text[]) m, generate_series(1, 3) i;
SELECT workflow.run_until_idle() > 0 AS ran;
SELECT workflow.set_retention('short', '1 day');
SELECT name, retention FROM workflow.state_machines WHERE name IN ('kept', 'short') ORDER BY name;
SELECT workflow.set_retention('short', '-1 day');
SELECT workflow.set_retention('short', '10000000 hours');
SELECT workflow.set_retention('nobody''s', '1 day');

-- nothing is old enough
CALL workflow.purge();
-- by the machine's own retention, and by the setting; what runs stays
SET workflow.clock = '2026-01-03 00:00:00Z';
CALL workflow.purge();
SET workflow.retention = -1;
SET workflow.clock = '2026-12-31 00:00:00Z';
CALL workflow.purge();
SET workflow.retention = '365d';
CALL workflow.purge();
RESET workflow.retention;
SELECT state_machine, status, count(*) FROM workflow.executions WHERE state_machine IN ('kept', 'short', 'failing', 'waiting') GROUP BY 1, 2 ORDER BY 1, 2;

-- by an age, of one machine
CALL workflow.purge('2 years');
CALL workflow.purge('1 day', 'failing');
-- of all machines: one's own longer retention counts
SELECT workflow.set_retention('kept', '3 years');
CALL workflow.purge('1 day');
SELECT workflow.set_retention('kept', NULL);
CALL workflow.purge('-1 day');
CALL workflow.purge(NULL, 'nobody''s');
SELECT state_machine, status, count(*) FROM workflow.executions WHERE state_machine IN ('kept', 'short', 'failing', 'waiting') GROUP BY 1, 2 ORDER BY 1, 2;

-- in a transaction block it belongs to the caller's transaction
BEGIN;
CALL workflow.purge();
ROLLBACK;
SELECT count(*) FROM workflow.executions WHERE state_machine = 'kept';
CALL workflow.purge();

-- nothing of them is left, and their names are free
SELECT (SELECT count(*) FROM workflow.history) - (SELECT count(*) FROM workflow.execution) AS history,
    (SELECT count(*) FROM workflow.execution_end) AS ends, (SELECT count(*) FROM workflow.execution_name) AS names;
SELECT workflow.start_execution('kept', '{"again":true}', 'kept1') IS NOT NULL AS started;
SELECT workflow.run_until_idle() > 0 AS ran;

-- a deleted machine leaves with its last execution
SELECT workflow.grant_state_machine('kept', 'public', 'read');
SELECT workflow.delete_state_machine('kept');
CALL workflow.purge();
SELECT count(*) FROM workflow.state_machine WHERE name = 'kept';
-- also if that was not noticed, because two ended at the same moment
SELECT workflow.create_state_machine('unnoticed', '{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}') IS NOT NULL AS created;
UPDATE workflow.state_machine SET status = 'DELETING' WHERE name = 'unnoticed';
CALL workflow.purge(0 * interval '1 s');
SELECT count(*) FROM workflow.state_machine WHERE name = 'unnoticed';
SET workflow.clock = '2026-12-31 00:00:01Z';
CALL workflow.purge('0');
SELECT count(*) FROM workflow.state_machine WHERE name = 'kept';

-- rights: the machine's own retention is its managers'; purge is the administrator's, and whom he lets
CREATE ROLE workflow_purger;
GRANT USAGE ON SCHEMA workflow TO workflow_purger;
SELECT workflow.start_execution('short') IS NOT NULL AS started;
SELECT workflow.run_until_idle() > 0 AS ran;
SET workflow.clock = '2026-12-31 00:00:02Z';
SET ROLE workflow_purger;
SELECT workflow.set_retention('short', '1 day');
CALL workflow.purge('0');
RESET ROLE;
GRANT EXECUTE ON PROCEDURE workflow.purge TO workflow_purger;
SET ROLE workflow_purger;
CALL workflow.purge('0');
RESET ROLE;
SELECT workflow.grant_state_machine('short', 'workflow_purger', 'manage');
SET ROLE workflow_purger;
CALL workflow.purge('0', 'short');
RESET ROLE;
DROP OWNED BY workflow_purger;
DROP ROLE workflow_purger;
SELECT count(workflow.delete_state_machine(m)) FROM unnest('{short,failing,waiting}'::text[]) m;
SELECT workflow.run_until_idle() > 0 AS ran;
RESET workflow.clock;
