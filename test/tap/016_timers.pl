# The queues of the scheduler: many timers due in the same instant, each fired once; where it looks, and what is committed
# behind its back.
#
# The safety net is so wide that nothing here is found by it.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Test::More;
use WorkflowTest;

my $n = 150;       # more than the scheduler takes at once
my $node = new_node('timers', workers => 6,
	conf => "workflow.safety_net = '1h'\nworkflow.worker_idle_timeout = '1h'\nworkflow.workers_per_role = 1\n"
	  . 'max_prepared_transactions = 5');
sql($node, <<'SQL');
CREATE ROLE clerk LOGIN;
CREATE ROLE other LOGIN;
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
create_machine($node, 'until', chain(Wait => { Type => 'Wait', TimestampPath => '$.until' }, Note => task('public.note', %note)),
	run_as => 'clerk');
create_machine($node, 'gate', chain(Gate => task('public.wait_at_gate')), run_as => 'clerk');
create_machine($node, 'limited', json_text({ TimeoutSeconds => 12, StartAt => 'Wait', States =>
	{ Wait => { Type => 'Wait', Seconds => 86400, End => JSON::PP::true } } }), run_as => 'clerk');
create_machine($node, 'tried', chain(Try => task('public.missing', Retry => [ { ErrorEquals => ['States.ALL'], IntervalSeconds => 2,
	MaxAttempts => 1 } ], Catch => [ { ErrorEquals => ['States.ALL'], Next => 'Note', ResultPath => undef } ]),
	Note => task('public.note', %note)), run_as => 'other');

sub running { return "SELECT count(*) FROM workflow.executions WHERE status = 'RUNNING' AND id IN ($_[0])"; }

sub statuses { return sql($node, "SELECT DISTINCT status FROM workflow.executions WHERE id IN ($_[0]) ORDER BY 1"); }

sub effects { return sql($node, "SELECT count(*), count(DISTINCT what) FROM effect WHERE what LIKE '$_[0]-%'"); }

# Several executions, named name-1 …, started by one commit, whose wait is over after so many seconds.
sub start_many
{
	my ($machine, $name, $many, $seconds) = @_;
	return join(',', split /\n/, sql($node, "SELECT workflow.start_execution('$machine', jsonb_build_object('until',
		to_char(date_trunc('second', now() AT TIME ZONE 'UTC') + interval '$seconds s', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')),
		'$name-' || i) FROM generate_series(1, $many) i"));
}

# The same, begun in this session when it was an hour ago: their timers are due, all of them, as soon as they are committed.
sub start_due
{
	my ($machine, $name, $many) = @_;
	my @id = split /\n/, sql($node, "SET workflow.clock = '" . sql($node, "SELECT now() - interval '1 hour'") . "'", 'BEGIN',
		"SELECT workflow.start_execution('$machine', jsonb_build_object('until',
		to_char(now() AT TIME ZONE 'UTC' - interval '59 min', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')), '$name-' || i)
		FROM generate_series(1, $many) i", 'SELECT workflow.run_until_idle()', 'COMMIT');
	pop @id;
	return join(',', @id);
}

# Timers of these executions, now.
sub timers { return "SELECT count(*) FROM workflow.timers WHERE execution_id IN ($_[0])"; }

# --- many at once ---

my $crowd = start_due('until', 'crowd', $n);
ok(wait_until($node, running($crowd), '0'), 'due in the same instant, all go on');
is(statuses($crowd), 'SUCCEEDED', 'and succeed');
is(effects('crowd'), "$n|$n", 'each once');
my $retried = start_many('tried', 'retried', $n, 0);
ok(wait_until($node, running($retried), '0'), 'retries that are due together are made');
is(sql($node, "SELECT DISTINCT count(*) FROM workflow.history_events WHERE execution_id IN ($retried) AND type = 'TaskFailed'
	GROUP BY execution_id"), '2', 'one for each');
is(effects('retried'), "$n|$n", 'and all go on, once');

# --- many at once, and no worker ---

my $gate = start_execution($node, 'gate');
ok(wait_until($node, "SELECT count(*) FROM workflow.tasks WHERE execution_id = $gate AND status = 'started'", '1'),
	'the only worker of the role is busy');
my $limited = start_due('limited', 'limited', $n);
my $waiting = start_due('until', 'waiting', $n);    # behind the others: a session would take up what becomes ready
ok(wait_until($node, running($limited), '0'), 'meanwhile time limits are kept');
is(statuses($limited), 'TIMED_OUT', 'all of them');
ok(wait_until($node, timers($waiting), '0'), 'waits that are over leave the timers');
my $handed = sql($node, "SELECT string_agg(execution_id::text, ',') FROM workflow.ready WHERE kind = 'w'");
my @handed = split /,/, $handed;
cmp_ok(scalar @handed, '>', 1, 'and become ready work');
sql($node, "SELECT workflow.stop_execution($handed[0])");
is(wait_for_end($node, $handed[0]), 'ABORTED', 'one is stopped in this state');
my $others = join(',', grep { $_ != $handed[0] } split /,/, $waiting);
terminate_backend($node, 'workflow scheduler');
sql($node, 'INSERT INTO gate VALUES (true)');
ok(wait_until($node, running($others), '0'), 'when the worker has time, the others go on');
is(statuses($others), 'SUCCEEDED', 'and succeed');
is(effects('waiting'), join('|', ($n - 1) x 2), 'each once');
is(sql($node, 'SELECT count(*) FROM workflow.ready'), '0', 'nothing is left');

# --- many stops at once ---

my $stopped_together = start_many('until', 'together', $n, 86400);
ok(wait_until($node, timers($stopped_together), $n), 'executions wait');
sql($node, "SELECT count(workflow.stop_execution(id)) FROM workflow.executions WHERE id IN ($stopped_together)");
ok(wait_until($node, running($stopped_together), '0'), 'more than are taken at once are all stopped');

# --- behind the scheduler's back ---

# Something is done at a later place in the queues, while what comes before is not committed.
sub later_ones
{
	my ($name) = @_;
	my $timer = start_many('until', "$name-timer", 1, 2);
	my $stopped = start_many('until', "$name-stopped", 1, 86400);
	wait_until($node, timers($stopped), '1');
	sql($node, "SELECT workflow.stop_execution($stopped)");
	ok(wait_until($node, running("$timer,$stopped"), '0'), "$name: later ones are done");
	return;
}

my $session = session($node, on_error_stop => 0);
for my $how ('commit', 'prepare', 'rollback')
{
	my $stopped = start_many('until', "stopped-$how", 1, 86400);
	ok(wait_until($node, timers($stopped), '1'), 'an execution waits');
	my $held = start_many('until', "held-$how", 2, $how eq 'rollback' ? 10 : 2);
	wait_until($node, timers($held), '2') if $how eq 'rollback';
	$session->query_safe('BEGIN');
	$session->query_safe("SELECT workflow.stop_execution($stopped)");
	my $early = '';
	if ($how eq 'rollback')
	{
		# its clock is ahead: it claims the timers, and holds them when they are due
		$session->query_safe(q{SELECT set_config('workflow.clock', (now() + interval '10 min')::text, true)});
		$session->query_safe('SELECT workflow.run_until_idle()');
	}
	else
	{
		# a wait that is begun in this transaction
		$early = $session->query_safe("SELECT workflow.start_execution('until', jsonb_build_object('until',
			to_char(now() AT TIME ZONE 'UTC' + interval '1 s', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')), 'early-$how')");
		$session->query_safe('SELECT workflow.run_until_idle()');
	}
	later_ones($how);
	if ($how eq 'prepare')
	{
		$session->query_safe("PREPARE TRANSACTION 'early'");
		later_ones('prepared');
		$session->query_safe("COMMIT PREPARED 'early'");
	}
	else
	{
		$session->query_safe(uc $how);
	}
	ok(wait_until($node, running($held), '0'), "$how: waits that are over");
	next if $how eq 'rollback';
	ok(wait_until($node, running("$stopped,$early"), '0'), "$how: a timer and a stop that come late are found");
	is(statuses($stopped) . ' ' . statuses($early), 'ABORTED SUCCEEDED', 'both as they should');
}
$session->quit;

$node->stop;
done_testing();
