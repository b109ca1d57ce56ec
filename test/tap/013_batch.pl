# Executions that share a transaction share as little else as can be: a task finds no temporary tables, prepared statements,
# cursors or settings of another.
#
# In every test 100 executions of one function, known to be fast, are started by one commit for one worker with a large
# budget, so that many share a transaction.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Test::More;
use Time::HiRes qw(sleep);
use WorkflowTest;

my $n = 100;
my $node = new_node('batch', workers => 1, conf => "workflow.batch_budget = '1s'\nworkflow.worker_idle_timeout = '1h'");
sql($node, <<'SQL');
CREATE ROLE clerk LOGIN;
CREATE SCHEMA shop;
GRANT USAGE ON SCHEMA shop TO clerk;
CREATE SEQUENCE shop.counter;
CREATE TABLE shop.target (execution text, xid xid8 DEFAULT pg_current_xact_id());
GRANT ALL ON ALL TABLES IN SCHEMA shop TO clerk;
GRANT ALL ON ALL SEQUENCES IN SCHEMA shop TO clerk;
CREATE FUNCTION shop.plain(execution text) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN INSERT INTO shop.target VALUES (execution); END $$;

CREATE FUNCTION shop.staging(execution text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    CREATE TEMP TABLE IF NOT EXISTS s (execution text) ON COMMIT DELETE ROWS;
    INSERT INTO s VALUES (execution);
    INSERT INTO shop.target SELECT s.execution FROM s;
END $$;
CREATE FUNCTION shop.staging_dropped(execution text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    CREATE TEMP TABLE d (execution text) ON COMMIT DROP;
    EXECUTE 'INSERT INTO d VALUES ($1)' USING execution;
    EXECUTE 'INSERT INTO shop.target SELECT d.execution FROM d';
END $$;
CREATE FUNCTION shop.staging_kept(execution text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    found text := coalesce(to_regclass('pg_temp.k')::text, 'none');
BEGIN
    CREATE TEMP TABLE IF NOT EXISTS k (execution text);
    EXECUTE 'INSERT INTO k VALUES ($1)' USING execution;
    EXECUTE 'INSERT INTO shop.target SELECT k.execution FROM k';
    RETURN found;
END $$;

CREATE FUNCTION shop.advisory(execution text) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    found int := (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 0 AND objid BETWEEN 4711 AND 4714);
BEGIN
    PERFORM pg_advisory_xact_lock(4711);
    PERFORM pg_try_advisory_xact_lock_shared(4712);
    RETURN found;
END $$;
CREATE FUNCTION shop.advisory_session(execution text) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    found int := (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 0 AND objid BETWEEN 4711 AND 4714);
BEGIN
    PERFORM pg_advisory_lock(4713);
    PERFORM pg_try_advisory_lock(4714);
    RETURN found;
END $$;

CREATE TABLE shop.balance (value int);
INSERT INTO shop.balance VALUES (0);
GRANT ALL ON shop.balance TO clerk;
CREATE FUNCTION shop.deposit(execution text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    found int;
BEGIN
    PERFORM pg_advisory_lock(4715);    -- never given back
    SELECT value INTO found FROM shop.balance;
    UPDATE shop.balance SET value = found + 1;
END $$;

CREATE FUNCTION shop.notify(execution text) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_notify('bell', 'ring'); END $$;

CREATE FUNCTION shop.sequence(execution text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    found text := '';
BEGIN
    BEGIN
        PERFORM currval('shop.counter');
        found := 'currval ';
    EXCEPTION WHEN object_not_in_prerequisite_state THEN NULL;
    END;
    BEGIN
        PERFORM lastval();
        found := found || 'lastval';
    EXCEPTION WHEN object_not_in_prerequisite_state THEN NULL;
    END;
    PERFORM nextval('shop.counter');
    RETURN found;
END $$;

CREATE FUNCTION shop.prepare(execution text) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    found int := (SELECT count(*) FROM pg_prepared_statements);
BEGIN
    EXECUTE 'PREPARE p AS SELECT 1';
    RETURN found;
END $$;

CREATE FUNCTION shop.cursor(execution text) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    found int := (SELECT count(*) FROM pg_cursors WHERE name IN ('plain', 'held'));
BEGIN
    EXECUTE 'DECLARE held CURSOR WITH HOLD FOR SELECT 1';
    EXECUTE 'DECLARE plain CURSOR FOR SELECT 1';
    RETURN found;
END $$;

CREATE FUNCTION shop.settings(execution text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    found text := concat_ws(' ', nullif(current_setting('shop.secret', true), ''), nullif(current_setting('shop.local', true), ''),
        current_setting('work_mem'), current_setting('transaction_read_only'));
BEGIN
    PERFORM set_config('shop.secret', 'x', false);
    PERFORM set_config('shop.local', 'x', true);
    SET work_mem = '77MB';
    SET LOCAL transaction_read_only = on;
    RETURN found;
END $$;
SQL

my %parameters = (Parameters => { 'execution.$' => '$$.Execution.Name' });

# Starts $n executions at once, after the function has become known to be fast.  Returns what they came to: each different
# outcome with its number.
sub run
{
	my ($function, $prepare) = @_;
	create_machine($node, $function, chain(First => task("shop.$function", %parameters)), run_as => 'clerk');
	for my $name (qw(warm more test))
	{
		sql($node, 'TRUNCATE shop.target') if $name eq 'test';
		$prepare->() if $prepare && $name eq 'test';
		sql($node, "SELECT count(workflow.start_execution('$function', '{}', '$name-' || i)) FROM generate_series(1, $n) i");
		ok(wait_until($node, "SELECT count(*) FROM workflow.executions WHERE status = 'RUNNING'", '0'),
			"$function: all end ($name)");
	}
	return sql($node, "SELECT concat_ws(' ', status, error, output), count(*) FROM workflow.executions
		WHERE state_machine = '$function' AND name LIKE 'test-%' GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 5");
}

# The test means something: executions do share transactions.
is(run('plain'), "SUCCEEDED null|$n", 'fast executions run');
my $commits = sql($node, 'SELECT count(DISTINCT xid) FROM shop.target');
cmp_ok($commits, '<', $n, "executions share transactions ($n in $commits)");
is(sql($node, 'SELECT count(*), count(DISTINCT execution) FROM shop.target'), "$n|$n", 'each has had its effect once');

# Each state of sql:query has a speed of its own: a slow query does not keep quick ones from sharing a transaction.
create_machine($node, 'slow_query', chain('Slow query' => task('', Resource => 'sql:query', Parameters => { Query => 'SELECT pg_sleep(0.3)' })),
	run_as => 'clerk');
create_machine($node, 'quick_query', chain('Quick query' => task('', Resource => 'sql:query',
	Parameters => { Query => 'INSERT INTO shop.target VALUES ($1)', 'Parameters.$' => 'States.Array($$.Execution.Name)' })),
	run_as => 'clerk');
for my $name (qw(warm more test))
{
	sql($node, 'TRUNCATE shop.target', "SELECT count(workflow.start_execution('quick_query', '{}', '$name-' || i)),
			count(CASE WHEN i % 20 = 0 THEN workflow.start_execution('slow_query') END) FROM generate_series(1, $n) i");
	ok(wait_until($node, "SELECT count(*) FROM workflow.executions WHERE status = 'RUNNING'", '0'),
		"queries end ($name)");
}
$commits = sql($node, 'SELECT count(DISTINCT xid) FROM shop.target');
cmp_ok($commits, '<', $n / 2, "quick queries share transactions ($n in $commits)");
is(sql($node, 'SELECT count(*), count(DISTINCT execution) FROM shop.target'), "$n|$n", 'each has had its effect once');

# --- temporary tables ---

is(run('staging'), "SUCCEEDED null|$n", 'a temporary table as a staging area, ON COMMIT DELETE ROWS');
is(sql($node, 'SELECT count(*), count(DISTINCT execution) FROM shop.target'), "$n|$n", 'holds the rows of its own task only');
is(run('staging_dropped'), "SUCCEEDED null|$n", 'a temporary table, ON COMMIT DROP, exists once for each task');
is(sql($node, 'SELECT count(*), count(DISTINCT execution) FROM shop.target'), "$n|$n", 'and holds the rows of its own task only');
is(run('staging_kept'), qq(SUCCEEDED "none"|$n), 'a temporary table that a task leaves is not there for the next');
is(sql($node, 'SELECT count(*), count(DISTINCT execution) FROM shop.target'), "$n|$n", 'nor are its rows');

# --- sequences ---

is(run('sequence'), qq(SUCCEEDED ""|$n), 'no currval or lastval of another task');

# --- what members of a batch do share (src/README.md) ---

my $listener = session($node);
$listener->query_safe('LISTEN bell');
my $heard = '';

# What has come since; "of" notifications are waited for.
sub hear
{
	my ($of) = @_;
	for (1 .. 10 * $WorkflowTest::patience)
	{
		$heard .= $listener->query('SELECT 1');
		last if (() = $heard =~ /"ring"/g) >= $of;
		sleep 0.1;
	}
	return scalar(() = $heard =~ /Asynchronous notification "bell" with payload "ring"/g);
}
my %got = map { ($_ => run($_)) } qw(advisory advisory_session);
$got{notify} = run('notify', sub { hear(0); $heard = '' });
unlike($got{$_}, qr/FAILED/, "$_: no task fails for the locks of another") for qw(advisory advisory_session);
is($got{notify}, "SUCCEEDED null|$n", 'all have notified');
cmp_ok(hear(1), '>=', 1, 'and at least one notification has come');
$listener->quit;
ok(wait_until($node, q{SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 0
	AND objid BETWEEN 4711 AND 4714}, '0'), 'no advisory lock outlasts its batch');

# One after the other, in a batch each, nothing is shared.
for my $function (qw(advisory advisory_session sequence))
{
	my @id = map {
		my $id = start_execution($node, $function);
		wait_for_end($node, $id);
		$id
	} 1 .. 3;
	is(sql($node, "SELECT DISTINCT output::text FROM workflow.executions WHERE id IN (" . join(',', @id) . ')'),
		$function eq 'sequence' ? '""' : '0', "between batches nothing is: $function");
}

# An advisory lock that a task leaves to its session protects what the task did until that is committed.
is(run('deposit', sub { sql($node, 'UPDATE shop.balance SET value = 0') }), "SUCCEEDED null|$n", 'a lock that is left behind');
is(sql($node, 'SELECT value FROM shop.balance'), $n, 'has protected what was done under it');

# --- the rest of a session ---


is(run('prepare'), "SUCCEEDED 0|$n", 'a prepared statement can have the same name in each task');
is(run('cursor'), "SUCCEEDED 0|$n", 'a cursor, too');
is(run('settings'), qq(SUCCEEDED "4MB off"|$n), 'settings are its own');

# --- states of one execution, one after the other ---

for my $function (qw(staging staging_dropped staging_kept sequence prepare cursor settings))
{
	create_machine($node, "chain_$function", chain(
			map { ("$_" => task("shop.$function", %parameters, ResultPath => '$.' . "r$_")) } 1 .. 3), run_as => 'clerk');
}
sql($node, 'TRUNCATE shop.target',
	"SELECT workflow.start_execution(name, '{}', 'chain-' || i) FROM workflow.list_state_machines(), generate_series(1, 20) i
		WHERE name LIKE 'chain%'");
ok(wait_until($node, "SELECT count(*) FROM workflow.executions WHERE status = 'RUNNING'", '0'), 'chains end');
my %expected = (staging => 'null', staging_dropped => 'null', staging_kept => '"none"', sequence => '""', prepare => '0',
	cursor => '0', settings => '"4MB off"');
for my $function (sort keys %expected)
{
	my $each = $expected{$function};
	is(sql($node, "SELECT concat_ws(' ', status, error, output::jsonb), count(*) FROM workflow.executions
			WHERE state_machine = 'chain_$function' GROUP BY 1 ORDER BY 2 DESC LIMIT 3"),
		qq(SUCCEEDED {"r1": $each, "r2": $each, "r3": $each}|20), "the states of a chain share nothing either: $function");
}
is(sql($node, 'SELECT count(*), max(c) FROM (SELECT execution, count(*) AS c FROM shop.target GROUP BY 1) x'), '20|9',
	'each effect once');

# --- a member that fails harms itself only ---

sql($node, <<'SQL');
CREATE TABLE shop.unique_value (value text, execution text, UNIQUE (value) DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE shop.locked (name text PRIMARY KEY, execution text);
INSERT INTO shop.locked VALUES ('a'), ('b');
GRANT ALL ON ALL TABLES IN SCHEMA shop TO clerk;
CREATE FUNCTION shop.deferred(execution text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO shop.target VALUES (execution);
    INSERT INTO shop.unique_value VALUES (CASE WHEN execution IN ('test-50', 'test-51') THEN 'same' ELSE execution END, execution);
END $$;
CREATE FUNCTION shop.both_locks(execution text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO shop.target VALUES (execution);
    IF execution = 'test-50' THEN
        UPDATE shop.locked SET execution = both_locks.execution WHERE name = 'a';
        PERFORM pg_advisory_xact_lock_shared(4716);
        UPDATE shop.locked SET execution = both_locks.execution WHERE name = 'b';
    END IF;
END $$;
CREATE SEQUENCE shop.tries;
GRANT ALL ON ALL SEQUENCES IN SCHEMA shop TO clerk;
CREATE FUNCTION shop.cancelled(execution text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO shop.target VALUES (execution);
    IF execution = 'test-50' AND nextval('shop.tries') = 1 THEN
        PERFORM pg_cancel_backend(pg_backend_pid()), pg_sleep(60);
    END IF;
END $$;
SQL

# A deferred constraint that two members break together: it is the second one's own error.
is(run('deferred'), sprintf("SUCCEEDED null|%d\nFAILED unique_violation|1", $n - 1), 'a deferred constraint fails one member');
is(sql($node, "SELECT count(*), count(DISTINCT execution), count(*) FILTER (WHERE execution IN ('test-50', 'test-51')) FROM shop.target"),
	($n - 1) . '|' . ($n - 1) . '|1', 'whose effects are gone, and nobody else\'s');

# A cancel that hits a member: it runs again, the others' work stays.
is(run('cancelled'), "SUCCEEDED null|$n", 'a cancelled member is no outcome');
is(sql($node, 'SELECT count(*), count(DISTINCT execution), (SELECT last_value FROM shop.tries) > 1 FROM shop.target'), "$n|$n|t",
	'it has run again, and has had its effect once, as all others');

# A deadlock between a member and another session.  While the member waits, the others are done.  It waits at a gate until the
# other session waits for it: who closes the circle finds it.
create_machine($node, 'both_locks', chain(First => task('shop.both_locks', %parameters)), run_as => 'clerk');
sql($node, "SELECT count(workflow.start_execution('both_locks', '{}', 'warm-' || i)) FROM generate_series(1, $n) i");
ok(wait_until($node, "SELECT count(*) FROM workflow.executions WHERE status = 'RUNNING'", '0'), 'both_locks: all end (warm)');
sql($node, 'TRUNCATE shop.target');
my $rival = session($node);
$rival->query_safe("SET deadlock_timeout = '1h'");
$rival->query_safe('BEGIN');
$rival->query_safe("UPDATE shop.locked SET execution = 'rival' WHERE name = 'b'");
my $gate = session($node);
$gate->query_safe('SELECT pg_advisory_lock(4716)');
sql($node, "SELECT count(workflow.start_execution('both_locks', '{}', 'test-' || i)) FROM generate_series(1, $n) i");
ok(wait_until($node, "SELECT string_agg(name, ' ') FROM workflow.executions WHERE status = 'RUNNING'", 'test-50'),
	'a member that waits for a lock keeps nobody waiting');
is(sql($node, 'SELECT count(*), count(DISTINCT execution) FROM shop.target'), ($n - 1) . '|' . ($n - 1), 'the others have committed');
# It may get a second try in a batch, which lets go of its lock again.
ok(wait_until($node, 'SELECT count(*) FROM workflow.ready WHERE started', '1'), 'it runs alone');
ok(wait_until($node, q{SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'workflow worker' AND wait_event_type = 'Lock'}, '1'),
	'and waits');
$rival->query_until(qr/asks/, "\\echo asks\nUPDATE shop.locked SET execution = 'rival' WHERE name = 'a';\n");
ok(wait_until($node, q{SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND wait_event_type = 'Lock'}, '1'),
	'another session waits for it');
$gate->quit;
$rival->query_safe('COMMIT');
$rival->quit;
ok(wait_until($node, "SELECT count(*) FROM workflow.executions WHERE status = 'RUNNING'", '0'), 'the deadlock is found');
is(sql($node, "SELECT concat_ws(' ', status, error), count(*) FROM workflow.executions
		WHERE state_machine = 'both_locks' AND name LIKE 'test-%' GROUP BY 1 ORDER BY 2 DESC"),
	sprintf("SUCCEEDED|%d\nFAILED deadlock_detected|1", $n - 1), 'and is the outcome of that one only');
is(sql($node, 'SELECT count(*), count(DISTINCT execution) FROM shop.target'), ($n - 1) . '|' . ($n - 1), 'the others had their effect once');
is(sql($node, 'SELECT string_agg(execution, $$ $$) FROM shop.locked'), 'rival rival', 'and the deadlocked one none');

$node->stop;
done_testing();
