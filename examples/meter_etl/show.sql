-- What came of it.

\pset footer off

\echo
\echo The Map Run
SELECT status, items, items_succeeded, items_failed, started AS children, failed AS children_failed FROM workflow.map_runs;

\echo The batches that failed, and why
SELECT input -> 'Items' -> 0 ->> 'id' AS "from", error, cause::json ->> 'message' AS message FROM workflow.executions
    WHERE map_run_id IS NOT NULL AND status = 'FAILED' ORDER BY id LIMIT 3;

\echo What the batches said
SELECT status, error, count(*) AS batches, sum((output::json ->> 'readings')::bigint) AS readings FROM meter.result GROUP BY 1, 2 ORDER BY 1;

\echo The totals
SELECT count(*) AS days_of_meters, sum(readings) AS readings, sum(kwh) AS kwh FROM meter.daily;
