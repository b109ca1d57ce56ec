# One broken execution stops nobody: not the others of its role or database, not a timer, not a stop, not the members of
# its batch; and it comes to an end itself.
#
# Executions are broken by writing into the engine's tables as a superuser.  What is broken must end as FAILED with
# States.Runtime, or can at least be stopped.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use PostgreSQL::Test::Utils ();
use Test::More;
use Time::HiRes qw(sleep);
use WorkflowTest;

# What is not broken goes on by itself, not because somebody looks now and then.
my $node = new_node('stuck', workers => 6,
	conf => "workflow.safety_net = 1h\nworkflow.batch_budget = '40ms'\nworkflow.worker_idle_timeout = '60s'\nworkflow.workers_per_role = 3");
sql($node, <<'SQL');
CREATE ROLE clerk LOGIN;
CREATE ROLE single LOGIN;
CREATE ROLE team LOGIN;
CREATE TABLE effect (what text);
CREATE TABLE gate (opened boolean);
GRANT ALL ON effect, gate TO PUBLIC;
CREATE FUNCTION note(what text) RETURNS void LANGUAGE sql AS $$ INSERT INTO effect VALUES (what) $$;
-- keeps its worker until the gate is opened
CREATE FUNCTION wait_at_gate() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    WHILE NOT EXISTS (SELECT FROM gate) LOOP
        PERFORM pg_sleep(0.05);
    END LOOP;
END $$;
SQL
my %note = (ResultPath => undef, Parameters => { 'what.$' => '$$.Execution.Name' });
my $long_wait = { Type => 'Wait', Seconds => 86400, End => JSON::PP::true };
my $wait = chain(Wait => $long_wait, Note => task('public.note', %note));
create_machine($node, 'wait', $wait, run_as => 'clerk');
create_machine($node, 'garbled', $wait, run_as => 'clerk');

# Several executions, named name-1 …, started by one commit.  Returns a list of their ids for SQL.
sub start_many
{
	my ($machine, $name, $n, $input) = @_;
	$input //= {};
	return join(',', split /\n/, sql($node, "SELECT workflow.start_execution('$machine', \$json\$" . json_text($input)
		  . "\$json\$, '$name-' || i) FROM generate_series(1, $n) i"));
}

sub running { return "SELECT count(*) FROM workflow.executions WHERE status = 'RUNNING' AND id IN ($_[0])"; }

sub statuses
{
	return sql($node, "SELECT DISTINCT concat_ws(' ', status, error) FROM workflow.executions WHERE id IN ($_[0]) ORDER BY 1");
}

# Lets their timers be due: in the past, so that they come first.  Only while executions stand still.
sub make_due
{
	my ($ids, $seconds) = @_;
	sql($node, "UPDATE workflow.frame SET due_at = now() - interval '$seconds s' WHERE due_at IS NOT NULL AND execution_id IN ($ids)",
		"UPDATE workflow.timer SET due_at = now() - interval '$seconds s' WHERE execution_id IN ($ids)");
	return;
}

sub all_wait
{
	my ($ids) = @_;
	my $n = () = $ids =~ /\d+/g;
	return wait_until($node, "SELECT count(*) FROM workflow.timers WHERE execution_id IN ($ids)", $n);
}

# Whatever has become of them, they must not disturb what follows.
sub forget
{
	my ($ids) = @_;
	sql($node, map { "DELETE FROM workflow.$_ WHERE execution_id IN ($ids)" } qw(ready timer inbox frame live_execution));
	return;
}

# What is broken ends by itself, or when it is stopped.
sub broken_end
{
	my ($ids, $test) = @_;
	my $end = time() + 20;
	sleep 0.2 while time() < $end && sql($node, running($ids)) > 0;
	my $left = sql($node, running($ids));
	note("$left have to be stopped");
	sql($node, "SELECT workflow.stop_execution(id) FROM workflow.executions WHERE status = 'RUNNING' AND id IN ($ids)");
	ok(wait_until($node, running($ids), '0'), "$test end");
	is(sql($node, "SELECT count(*) FROM workflow.executions WHERE id IN ($ids) AND NOT (status = 'ABORTED' OR
		status = 'FAILED' AND error = 'States.Runtime' AND cause IS NOT NULL)"), '0', 'as FAILED with a cause, or as stopped')
	  or diag(statuses($ids));
	is(sql($node, "SELECT count(*) FROM workflow.history_events WHERE execution_id IN ($ids)
		AND type IN ('ExecutionFailed', 'ExecutionAborted')"), scalar(() = $ids =~ /\d+/g), 'each with its last event');
	is(sql($node, "SELECT (SELECT count(*) FROM workflow.ready WHERE execution_id IN ($ids))
		+ (SELECT count(*) FROM workflow.frame WHERE execution_id IN ($ids))
		+ (SELECT count(*) FROM workflow.timer WHERE execution_id IN ($ids))
		+ (SELECT count(*) FROM workflow.inbox WHERE execution_id IN ($ids))
		+ (SELECT count(*) FROM workflow.live_execution WHERE execution_id IN ($ids))"), '0', 'and leave nothing in the queues');

	forget($ids);
	return;
}

# Lines that the engine's processes write to the log meanwhile; the statements that the test runs do not count.
sub log_lines
{
	my ($seconds) = @_;
	my $offset = -s $node->logfile;
	sleep $seconds;
	my $log = PostgreSQL::Test::Utils::slurp_file($node->logfile, $offset);
	return scalar grep { /(LOG|WARNING|ERROR|FATAL|PANIC):  / && !/LOG:  (statement|connection|disconnection)/ } split /\n/, $log;
}

# The engine works: start, run, timer, stop.
sub works
{
	my ($test) = @_;
	my $id = sql($node, q{SELECT workflow.start_execution('soon')});
	my $stopped = sql($node, q{SELECT workflow.start_execution('wait', '{}')});
	ok(wait_until($node, running($id), '0'), "$test: tasks run and timers fire");
	sql($node, "SELECT workflow.stop_execution($stopped)");
	ok(wait_until($node, running($stopped), '0'), "$test: a stop works");
	is(statuses($id) . ' ' . statuses($stopped), 'SUCCEEDED ABORTED', "$test: both as they should");
	return;
}
create_machine($node, 'soon',
	chain(Note => task('public.note', %note), Wait => { Type => 'Wait', Seconds => 1, End => JSON::PP::true },
		Again => task('public.note', %note)), run_as => 'clerk');
works('before anything is broken');

# --- timers ---

my $broken = start_many('wait', 'broken', 46);
my $good = start_many('wait', 'good', 20);
ok(all_wait("$broken,$good"), 'executions wait');
sql($node, 'SELECT workflow.pause()');
my @broken = split /,/, $broken;
sql($node, "UPDATE workflow.frame SET state = 9999 WHERE execution_id IN (" . join(',', @broken[ 0 .. 14 ]) . ')',
	"UPDATE workflow.frame SET memory = '[]' WHERE execution_id IN (" . join(',', @broken[ 15 .. 29 ]) . ')',
	"UPDATE workflow.frame SET block = 77 WHERE execution_id IN (" . join(',', @broken[ 30 .. 44 ]) . ')',
	"UPDATE workflow.frame SET status = '?' WHERE execution_id = $broken[45]");
make_due($broken, 100);
make_due($good, 10);
sql($node, 'SELECT workflow.resume()');
cmp_ok(log_lines(5), '<=', 100, 'the log is not flooded');
ok(wait_until($node, running($good), '0'), 'beside 46 broken executions, the timers of others fire');
is(statuses($good), 'SUCCEEDED', 'and they succeed');
is(sql($node, "SELECT count(*), count(DISTINCT what) FROM effect WHERE what LIKE 'good-%'"), '20|20', 'each once');
works('beside them');
broken_end($broken, 'the broken ones');
cmp_ok(log_lines(3), '<=', 20, 'then it is quiet');

# --- ready tasks ---

$node->append_conf('postgresql.conf', 'workflow.workers_per_role = 1');
$node->reload;
create_machine($node, 'gate', chain(Wait => task('public.wait_at_gate')), run_as => 'single');
create_machine($node, 'task', $wait, run_as => 'single');
$broken = start_many('task', 'broken-task', 8);
$good = start_many('task', 'good-task', 20);
ok(all_wait("$broken,$good"), 'executions wait');
my $gate = start_execution($node, 'gate');
ok(wait_until($node, "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'workflow worker'
	AND wait_event = 'PgSleep'", '1'), "the role's only worker is busy");
sql($node, 'SELECT workflow.pause()');
make_due("$broken,$good", 10);
sql($node, 'SELECT workflow.resume()');
ok(wait_until($node, "SELECT count(*) FROM workflow.tasks WHERE execution_id IN ($broken,$good) AND status = 'ready'", '28'), 'tasks are ready');
@broken = split /,/, $broken;
sql($node, "UPDATE workflow.frame SET state = 9999 WHERE execution_id IN (" . join(',', @broken[ 0 .. 2 ]) . ')',
	"UPDATE workflow.frame SET memory = '[]' WHERE execution_id IN (" . join(',', @broken[ 3 .. 4 ]) . ')',
	"UPDATE workflow.frame SET block = 77 WHERE execution_id IN (" . join(',', @broken[ 5 .. 7 ]) . ')',
	'INSERT INTO gate VALUES (true)');
ok(wait_until($node, running("$gate,$good"), '0'), 'beside broken ones, ready tasks of the same role are run');
is(statuses($good), 'SUCCEEDED', 'and succeed');
is(sql($node, "SELECT count(*), count(DISTINCT what) FROM effect WHERE what LIKE 'good-task-%'"), '20|20', 'each once');
broken_end($broken, 'the broken ones');
works('after them');

# --- a definition that cannot be read ---

$broken = start_many('garbled', 'garbled', 10);
$good = start_many('wait', 'beside', 10);
ok(all_wait("$broken,$good"), 'executions wait');
sql($node, 'SELECT workflow.pause()');
my $broken_start = start_many('garbled', 'garbled-start', 5);
my $good_start = start_many('soon', 'beside-start', 5);
sql($node, q{UPDATE workflow.state_machine_revision SET definition = 'x' WHERE state_machine_id IN
	(SELECT id FROM workflow.state_machines WHERE name = 'garbled')});
make_due($broken, 100);
make_due($good, 10);
terminate_backend($node, 'workflow worker');
terminate_backend($node, 'workflow scheduler');    # nobody remembers the definition
sql($node, 'SELECT workflow.resume()');
cmp_ok(log_lines(3), '<=', 100, 'the log is not flooded');
ok(wait_until($node, running("$good,$good_start"), '0'), 'beside unreadable definitions, others go on');
is(statuses("$good,$good_start"), 'SUCCEEDED', 'and succeed');
works('beside them');
broken_end("$broken,$broken_start", 'those with the unreadable definition');

# --- signals ---

for my $round (1 .. 3)
{
	for my $type ('workflow scheduler', 'workflow worker', 'workflow launcher')
	{
		$node->safe_psql('postgres', "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE backend_type = '$type'");
	}
	sleep 0.2;
}
works('after pg_cancel_backend of everything');
my ($scheduler) = backends($node, 'workflow scheduler');
for my $round (1 .. 5)
{
	$node->safe_psql('postgres', "SELECT pg_cancel_backend($scheduler)");
	sleep 0.1;
}
works('after pg_cancel_backend of the scheduler');
is(join(' ', backends($node, 'workflow scheduler')), $scheduler, 'which is still the same process');
terminate_backend($node, 'workflow scheduler');
works('after pg_terminate_backend of the scheduler');

# --- tasks that end their process ---

sql($node, <<'SQL');
CREATE ROLE leaver LOGIN;
CREATE FUNCTION leave(how text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF how = 'terminate' THEN
        PERFORM pg_terminate_backend(pg_backend_pid());
        PERFORM pg_sleep(10);
    ELSE
        SET exit_on_error = on;
        RAISE division_by_zero;
    END IF;
END $$;
SQL
create_machine($node, 'leave', chain(Leave => task('public.leave')), run_as => 'leaver');
create_machine($node, 'stay', chain(Note => task('public.note', %note), Wait => { Type => 'Wait', Seconds => 1, End => JSON::PP::true },
	Again => task('public.note', %note)), run_as => 'leaver');
for my $how (qw(terminate exit_on_error))
{
	my $leaving = start_many('leave', "leave-$how", 2, { how => $how });
	$good = start_many('stay', "stay-$how", 20);
	ok(wait_until($node, running($good), '0'), "beside tasks that end their process ($how), others go on");
	is(statuses($good), 'SUCCEEDED', 'and succeed');
	my $end = time() + 3;
	sleep 0.2 while time() < $end && sql($node, running($leaving)) > 0;
	note("$how: " . statuses($leaving));
	sql($node, "SELECT workflow.stop_execution(id) FROM workflow.executions WHERE status = 'RUNNING' AND id IN ($leaving)");
	ok(wait_until($node, running($leaving), '0'), 'they end, or can be stopped');
	forget($leaving);
	works('after it');
}

# --- members of a batch ---

$node->append_conf('postgresql.conf', 'workflow.workers_per_role = 3');
$node->reload;
sql($node, <<'SQL');
CREATE TABLE refused (i int);
CREATE TABLE locked (what text PRIMARY KEY, i int);
INSERT INTO locked VALUES ('a', 0), ('b', 0), ('c', 0);
GRANT ALL ON refused, locked TO PUBLIC;
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE unique_violation; END $$;
CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON refused DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE FUNCTION member(what text, how text DEFAULT '') RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO effect VALUES (what);
    CASE how
        WHEN '' THEN NULL;
        WHEN 'constraint' THEN INSERT INTO refused VALUES (1);
        WHEN 'cursor' THEN EXECUTE 'DECLARE c CURSOR WITH HOLD FOR SELECT 1 / (random() * 0)::int';
        WHEN 'error' THEN RAISE division_by_zero;
        WHEN 'deadlock' THEN
            UPDATE locked SET i = i + 1 WHERE locked.what = 'a';
            UPDATE locked SET i = i + 1 WHERE locked.what = 'b';
        WHEN 'lock' THEN UPDATE locked SET i = i + 1 WHERE locked.what = 'c';
        WHEN 'slow' THEN PERFORM pg_sleep(0.1);
    END CASE;
END $$;
SQL
my %retried = (Retry => [ { ErrorEquals => ['deadlock_detected'], IntervalSeconds => 1, MaxAttempts => 5 } ]);
create_machine($node, 'member', chain(Member => task('public.member', %retried)), run_as => 'team');

my $batch = 0;

# Fast members with a special one in their midst, started by one commit.  Returns (ids of the fast ones, the other's id).
sub start_batch
{
	my ($how) = @_;
	$batch++;
	my @id = split /\n/, sql($node, "SELECT workflow.start_execution('member', jsonb_build_object('what', 'batch-$batch-' || i)
		|| CASE WHEN i = 11 AND '$how' <> '' THEN jsonb_build_object('how', '$how') ELSE '{}' END)
		FROM generate_series(1, 25) i");
	my ($special) = splice(@id, 10, 1);
	return (join(',', @id), $special);
}

sub others_are_well
{
	my ($fast, $test) = @_;
	ok(wait_until($node, running($fast), '0'), "$test: the others end");
	is(statuses($fast), 'SUCCEEDED', 'and succeed');
	is(sql($node, "SELECT count(*), count(DISTINCT what) FROM effect WHERE what ~ '^batch-$batch-' AND what <> 'batch-$batch-11'"),
		'24|24', 'each once');
	return;
}

sub effects_of_special { return sql($node, "SELECT count(*) FROM effect WHERE what = 'batch-$batch-11'"); }

# So that the function is known to be fast, in each of the role's workers.
sub warm_up
{
	for (1 .. 3)
	{
		my ($fast, $special) = start_batch('');
		wait_until($node, running("$fast,$special"), '0');
	}
	return;
}

for my $how (qw(error constraint cursor slow))
{
	# What becomes of it alone.
	$batch++;
	my $alone = sql($node, "SELECT workflow.start_execution('member', jsonb_build_object('what', 'alone-$how', 'how', '$how'))");
	wait_for_end($node, $alone);
	my $outcome = statuses($alone) . ' ' . sql($node, "SELECT count(*) FROM effect WHERE what = 'alone-$how'");
	warm_up();
	my ($fast, $special) = start_batch($how);
	others_are_well($fast, "$how in a batch");
	wait_for_end($node, $special);
	is(statuses($special) . ' ' . effects_of_special(), $outcome, "$how has the outcome that it has alone: $outcome");
	is(sql($node, "SELECT string_agg(type, ' ' ORDER BY id) FROM workflow.history_events WHERE execution_id = $special"),
		sql($node, "SELECT string_agg(type, ' ' ORDER BY id) FROM workflow.history_events WHERE execution_id = $alone"),
		'and the same history');
}

# A session holds what a member wants.
warm_up();
my $session = session($node, on_error_stop => 0);
$session->query_safe('BEGIN');
$session->query_safe(q{UPDATE locked SET i = i WHERE what = 'c'});
my ($fast, $special) = start_batch('lock');
others_are_well($fast, 'a member waits for a lock');
is(status_of($node, $special), 'RUNNING', 'it still waits');
works('meanwhile');
$session->query_safe('COMMIT');
is(wait_for_end($node, $special) . ' ' . effects_of_special(), 'SUCCEEDED 1', 'and then gets it');
is(sql($node, q{SELECT i FROM locked WHERE what = 'c'}), '1', 'once');

# A session that a member deadlocks with: it holds b, and asks for a as soon as the member has it.
warm_up();
$session->query_safe('BEGIN');
$session->query_safe(q{UPDATE locked SET i = i WHERE what = 'b'});
($fast, $special) = start_batch('deadlock');
$session->query_until(qr/asks/, <<'SQL');
DO $$
BEGIN
    FOR i IN 1 .. 1000 LOOP
        BEGIN
            PERFORM FROM locked WHERE what = 'a' FOR UPDATE NOWAIT;
            RAISE division_by_zero;    -- give it back
        EXCEPTION
            WHEN division_by_zero THEN PERFORM pg_sleep(0.01);
            WHEN lock_not_available THEN EXIT;
        END;
    END LOOP;
END $$;
\echo asks
UPDATE locked SET i = i WHERE what = 'a';
ROLLBACK;
SQL
others_are_well($fast, 'a member deadlocks with a session');
is(wait_for_end($node, $special) . ' ' . effects_of_special(), 'SUCCEEDED 1', 'it succeeds in the end');
is(sql($node, q{SELECT string_agg(i::text, ' ' ORDER BY what) FROM locked WHERE what IN ('a', 'b')}), '1 1', 'once');
$session->quit;

# All at once.
warm_up();
my @mixed = map { [ start_batch($_) ] } ('error', 'constraint', 'cursor', 'slow', '');
my $all = join(',', map { @$_ } @mixed);
ok(wait_until($node, running($all), '0'), 'all kinds at once end');
is(sql($node, 'SELECT count(*) FROM (SELECT what FROM effect GROUP BY what HAVING count(*) > 1 AND what ~ $q$^batch-$q$) x'), '0',
	'none has happened twice');
works('at last');
is(sql($node, 'SELECT count(*) FROM workflow.ready'), '0', 'nothing is left');

$node->stop;
done_testing();
