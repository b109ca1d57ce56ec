# Read by the benchmarks: a private server of their own, fsync and synchronous_commit on, autovacuum on, full history.
#
# Figures are ratios within one run: the same machine, minutes apart, gives others.  WORKERS=n sets workflow.workers.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts/setup > /dev/null
scripts/build > /dev/null

# Does this when the benchmark ends; the last first.
at_exit=
bench_at_exit() { at_exit="$1; $at_exit"; trap "$at_exit" EXIT; }

# (Re)starts the server with these settings beside the benchmarks' own; by the PATH that was there before its own.
system_path=$PATH
bench_server() { PATH=$system_path scripts/server bench start fsync=on shared_buffers=1GB max_wal_size=4GB "$@" 2> /dev/null; }

bench_start() {
    scripts/server bench remove > /dev/null 2>&1 || true
    bench_server "workflow.workers=${WORKERS:-4}" "$@"
    bench_at_exit 'PATH=$system_path scripts/server bench remove > /dev/null 2>&1'
    eval "$(scripts/server bench env)"
    export PGDATABASE=postgres
    sql "CREATE EXTENSION workflow" "CREATE TABLE done (execution bigint, step text)"
    # A procedure, so that it holds no snapshot while others run.
    sql "CREATE PROCEDURE until_done() LANGUAGE plpgsql AS 'BEGIN
         WHILE EXISTS (SELECT FROM workflow.ready) OR EXISTS (SELECT FROM workflow.live_execution) LOOP
         COMMIT; PERFORM pg_sleep(0.002); END LOOP; END'"
    sql "CREATE FUNCTION record(execution bigint, step text) RETURNS void LANGUAGE plpgsql AS
         'BEGIN INSERT INTO done VALUES (execution, step); END'"
}

# Runs statements in one session, prints bare values.
sql() { local arguments=(); for statement in "$@"; do arguments+=(-c "$statement"); done; psql -XqAt -v ON_ERROR_STOP=1 "${arguments[@]}"; }

# A machine of N states of one kind, one after the other.
chain() {   # name, number of states, a state's JSON without its end, and maybe the role that runs it
    sql "SELECT workflow.create_state_machine('$1', jsonb_build_object('StartAt', 'S1', 'States', (
             SELECT jsonb_object_agg('S' || i, '$3'::jsonb ||
                 CASE WHEN i < $2 THEN jsonb_build_object('Next', 'S' || i + 1) ELSE '{\"End\": true}' END)
             FROM generate_series(1, $2) i))::text${4:+, run_as => '$4'})" > /dev/null
}

# The state of a chain that calls the function record().
record_task='{"Type": "Task", "Resource": "function:public.record", "Parameters": {"execution": 1, "step": "x"}, "ResultPath": null}'

# A script for pgbench: starts an execution of the machine and waits for its end.
start_and_wait() { printf "SELECT workflow.start_execution('%s') AS execution \\gset\nSELECT workflow.wait_for_execution(:execution);\n" "$1"; }

# The p-th percentile of a file of sorted numbers, one a line.
percentile() { awk -v p="$1" '{v[NR] = $1} END {if (NR) print v[int((NR - 1) * p / 100) + 1]; else print 0}' "$2"; }

# Waits until nothing runs; prints the seconds since `began` (of clock_timestamp, as epoch).
until_done() {
    sql "CALL until_done()" "SELECT extract(epoch FROM clock_timestamp()) - $1"
    [ "$(sql "SELECT count(*) FROM workflow.execution_end WHERE status <> 'SUCCEEDED'")" = 0 ] || { echo "executions have failed" >&2; exit 1; }
}

# User and system time of our processes, in ms, by kind.
cpu() {   # backend_type
    local pids pid
    pids=$(sql "SELECT pid FROM pg_stat_activity WHERE backend_type = '$1'")
    for pid in $pids; do cat "/proc/$pid/stat" 2> /dev/null || true; done |
        awk -v tick="$(getconf CLK_TCK)" '{s += $14 + $15} END {print s * 1000 / tick + 0}'
}

# Our processes; the CPU seconds that each of them has used; the time, as epoch.
processes() { sql "SELECT pid FROM pg_stat_activity WHERE backend_type LIKE 'workflow%' ORDER BY backend_type, pid"; }
processes_cpu() {
    local pid
    for pid in $(processes); do awk -v hz="$(getconf CLK_TCK)" '{print $1, ($14 + $15) / hz}' "/proc/$pid/stat" || true; done 2> /dev/null   # some leave
}
# The CPU seconds that our processes have used since processes_cpu printed this; of one that has begun since, all.
cpu_since() {
    (echo "$1"; echo; processes_cpu) | awk 'NF == 0 {now = 1} NF && !now {before[$1] = $2} NF && now {s += $2 - before[$1]} END {print s + 0}'
}
now() { sql "SELECT extract(epoch FROM clock_timestamp())"; }
