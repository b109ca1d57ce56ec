# Nothing is lost and nothing is done twice, whatever is killed.
#
# 1,000 executions of five tasks, which insert a row (execution, state) into a table WITHOUT a unique key and take 1 to
# 50 ms; in their midst is a wait until one and the same instant, at which many of them are due together.  In the middle of it workers are killed with -9 (which takes the whole server through crash recovery), the
# postmaster is killed with -9, and the server is stopped at once; each several times; where little is left to do by then, more
# are started.  The random seed is printed; set WORKFLOW_SEED to run with the same one, WORKFLOW_EXECUTIONS for more executions.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use List::Util qw(shuffle);
use Test::More;
use Time::HiRes qw(sleep time);
use WorkflowTest;

my $seed = $ENV{WORKFLOW_SEED} // int(rand(1e9));
srand($seed);
note("seed $seed");
my $executions = $ENV{WORKFLOW_EXECUTIONS} // 1000;
my $rounds = 4;    # of each kind of disaster

my $node = new_node('crash', workers => 6);
sql($node,
	'CREATE ROLE clerk LOGIN',
	'CREATE TABLE effect (execution text, state text, at timestamptz DEFAULT clock_timestamp())',
	'GRANT INSERT ON effect TO clerk',
	'CREATE FUNCTION work(execution text, state text, half boolean) RETURNS void LANGUAGE plpgsql AS $$
		BEGIN
			IF half THEN PERFORM pg_sleep(0.001 + random() * 0.024); END IF;
			INSERT INTO effect VALUES (execution, state);
			PERFORM pg_sleep(0.001 + random() * 0.024);
		END $$');
my @state = qw(Reserve Charge Pack Ship Thank);
my @chain = map { ($_ => task('public.work', ResultPath => undef,
	Parameters => { 'execution.$' => '$$.Execution.Name', 'state.$' => '$$.State.Name', half => JSON::PP::true })) }
	@state;
splice(@chain, 4, 0, Until => { Type => 'Wait', TimestampPath => '$.until' });    # behind the second task
create_machine($node, 'crash', chain(@chain), run_as => 'clerk');

my $started = 0;

sub start
{
	my ($n) = @_;
	sql($node, "SELECT count(workflow.start_execution('crash', jsonb_build_object('until',
		to_char(now() AT TIME ZONE 'UTC' + interval '10 s', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')), 'e' || i))
		FROM generate_series($started + 1, $started + $n) i");
	$started += $n;
	return;
}
start($executions);

my $running = "SELECT count(*) FROM workflow.executions WHERE status = 'RUNNING'";
my %done = (worker => 0, postmaster => 0, immediate => 0);
my $in_the_middle = 0;
my $end = time() + 15 * 60;

# Disasters in random order, each after a while of undisturbed work.
my @disaster = shuffle(('worker') x $rounds, ('postmaster') x $rounds, ('immediate') x $rounds);
for my $disaster (@disaster)
{
	wait_for_server($node);
	# Work is done between two disasters, and the whole is not over before the last, however slowly we get here.
	start($executions / 5) if sql($node, $running) < $executions / 5;
	my $before = sql($node, 'SELECT count(*) FROM effect');
	wait_until($node, "SELECT count(*) > $before + 20 FROM effect", 't', every => 0.05) or last;
	sleep rand(0.5);
	$in_the_middle++ if sql($node, $running) > 0;
	if ($disaster eq 'worker')
	{
		defined kill_backend($node, 'workflow worker') or next;
	}
	elsif ($disaster eq 'postmaster')
	{
		kill_postmaster($node);
	}
	else
	{
		$node->stop('immediate');
		$node->start;
	}
	$done{$disaster}++;
	last if time() > $end;
}
wait_for_server($node);
cmp_ok($done{$_}, '>=', 3, "several times: $_ killed or stopped") for sort keys %done;
cmp_ok($in_the_middle, '>=', 9, 'most of it in the middle of the work');

ok(wait_until($node, $running, '0', timeout => 600, every => 0.5), 'all executions come to an end');
is(sql($node, "SELECT status, count(*) FROM workflow.executions GROUP BY 1"), "SUCCEEDED|$started", 'all succeeded');
is(sql($node, 'SELECT count(*) FROM (SELECT FROM effect GROUP BY execution, state HAVING count(*) <> 1) twice'), '0',
	'no effect twice');
is(sql($node, 'SELECT count(*), count(DISTINCT (execution, state)) FROM effect'),
	join('|', (@state * $started) x 2), 'exactly one row for each execution and state');

# History: complete, gapless, in order of time.
my @events = map { 'TaskStateEntered TaskScheduled TaskStarted TaskSucceeded TaskStateExited' } @state;
splice(@events, 2, 0, 'WaitStateEntered WaitStateExited');
my $history = join(' ', 'ExecutionStarted', @events, 'ExecutionSucceeded');
is(sql($node, "SELECT count(*) FROM (SELECT string_agg(type, ' ' ORDER BY id) AS types FROM workflow.history_events
		GROUP BY execution_id) h WHERE types = '$history'"), $started, 'every history is complete');
is(sql($node, 'SELECT count(*) FROM (
		SELECT id, previous_id, at, row_number() OVER w AS n, lag(at) OVER w AS before FROM workflow.history_events
		WINDOW w AS (PARTITION BY execution_id ORDER BY id)) h
		WHERE id <> n OR previous_id <> CASE WHEN n <= 2 THEN 0 ELSE n - 1 END OR at < before'), '0', 'every history is gapless and in order');
is(sql($node, 'SELECT count(*) FROM workflow.live_states'), '0', 'nothing is left of what ran');

$node->stop;
done_testing();
