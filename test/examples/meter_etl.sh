# shellcheck shell=bash
# A fiftieth of the million: the same with more of them is for benchmarks.
variables=(-v rows=20000 -v batch=100)
run schema.sql run.sql show.sql
variables=()
is 'the Map Run' 'SUCCEEDED|20000|200|199|1' 'SELECT status, items, started, succeeded, failed FROM workflow.map_runs'
is 'every good reading is counted once' '19900|19900' \
    "SELECT sum(readings), (SELECT sum((output::json ->> 'readings')::int) FROM meter.result) FROM meter.daily"
is 'with what it says' 't' \
    "SELECT (SELECT sum(kwh) FROM meter.daily) =
        (SELECT sum(kwh::int) FROM meter.raw WHERE id / 100 NOT IN (SELECT id / 100 FROM meter.raw WHERE kwh LIKE 'E%'))"
is 'the batch with rubbish has failed' 'FAILED|invalid_text_representation|1' \
    "SELECT status, error, count(*) FROM meter.result WHERE status <> 'SUCCEEDED' GROUP BY 1, 2"
