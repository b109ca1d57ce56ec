# shellcheck shell=bash
# Two workers in Python, of which one is killed again and again, and one in JavaScript.
python=/usr/bin/python3
$python -c 'import psycopg' 2> /dev/null || python=python3
packages=$root/build/examples
if ! $python -c 'import psycopg' 2> /dev/null; then
    echo "# outside_workers: psycopg is missing, skipped"
elif ! command -v npm > /dev/null; then
    echo "# outside_workers: npm is missing, skipped"
elif ! { [ -d "$packages/node_modules/pg" ] || { mkdir -p "$packages" && timeout 300 npm install --prefix "$packages" --no-audit \
        --no-fund --loglevel=error pg@8 > /dev/null 2>&1; }; }; then
    echo "# outside_workers: the npm package pg cannot be had, skipped"
else
    run schema.sql run.sql
    eval "$(server env | sed 's/ PATH=.*//')"
    # JavaScript looks for packages beside the file.
    cp "examples/$name/worker.mjs" "$packages/"
    workers=()
    start_python() {
        $python "examples/$name/worker.py" "$1" "dbname=$name user=gallery_worker" & python_worker=$!
    }
    PGDATABASE=$name PGUSER=gallery_worker node "$packages/worker.mjs" carl & workers+=($!)
    # Ann is killed in the middle of her first picture; then Bob comes.
    start_python ann
    for _ in {1..600}; do
        taken=$(server psql -qAt -c "SELECT count(*) > 0 FROM workflow.history_events
            WHERE type = 'ActivityStarted' AND details ->> 'workerName' = 'ann'" "$name")
        [ "$taken" != t ] || break
        sleep 0.05
    done
    kill -9 "$python_worker"
    start_python bob; workers+=("$python_worker")
    server psql -q "$name" > "$out" 2>&1 << 'SQL'
SELECT id FROM workflow.executions \gset
CALL workflow.wait_for_execution(:id, '300 s', NULL);
SQL
    kill "${workers[@]}" 2> /dev/null
    wait "${workers[@]}" 2> /dev/null
    is 'it comes to its end' 'SUCCEEDED' 'SELECT status FROM workflow.executions'
    is 'each picture has been looked after' '20|20|20' 'SELECT count(*), count(width), count(caption) FROM gallery.picture'
    is 'Bob went on with what Ann left' 't' "SELECT count(*) FILTER (WHERE worker = 'bob') > 0 FROM gallery.picture"
    is 'every attempt that was taken has ended' '0' \
        "SELECT (count(*) FILTER (WHERE type = 'ActivityStarted')
               - count(*) FILTER (WHERE type IN ('ActivitySucceeded', 'ActivityTimedOut', 'ActivityFailed')))
            FROM workflow.history_events"
    is 'the worker sees nothing' '0' 'SET ROLE gallery_worker; SELECT count(*) FROM workflow.executions'
fi
