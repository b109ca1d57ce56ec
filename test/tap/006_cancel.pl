# A stop and a timeout end a running function, whatever it does about it, and no other.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Test::More;
use WorkflowTest;

# Whoever looks now and then, and not because of a commit, looks once an hour: all that is waited for here is announced.
my $node = new_node('cancel', conf => 'workflow.safety_net = 1h');
sql($node,
	'CREATE TABLE effect (what text)',
	# Sleeps; or waits until the gate is open.
	'CREATE FUNCTION nap(seconds float, gate bigint DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
		INSERT INTO effect VALUES ($q$nap $q$ || seconds);
		SELECT pg_sleep(seconds);
		SELECT pg_advisory_xact_lock_shared(gate) $$',
	# Swallows its cancel, and goes on as if nothing had been.
	'CREATE FUNCTION stubborn() RETURNS void LANGUAGE plpgsql AS $$
		BEGIN
			BEGIN
				PERFORM pg_sleep(86400);
			EXCEPTION WHEN query_canceled THEN
				INSERT INTO effect VALUES ($q$swallowed$q$);
			END;
			INSERT INTO effect VALUES ($q$stubborn$q$);
		END $$');
create_machine($node, 'nap', chain(Nap => task('public.nap')));
create_machine($node, 'nap_timeout', chain(Nap => task('public.nap', TimeoutSeconds => 1)));
create_machine($node, 'nap_caught', chain(Nap => task('public.nap', TimeoutSeconds => 1,
	Catch => [ { ErrorEquals => ['States.Timeout'], Next => 'Caught' } ]), Caught => { Type => 'Pass', End => JSON::PP::true }));
create_machine($node, 'stubborn', chain(Stubborn => task('public.stubborn')));
create_machine($node, 'stubborn_timeout', chain(Stubborn => task('public.stubborn', TimeoutSeconds => 1)));
create_machine($node, 'execution_timeout',
	json_text({ StartAt => 'Nap', TimeoutSeconds => 1, States => { Nap => task('public.nap') } }));

my $asleep = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'workflow worker' AND wait_event = 'PgSleep'";
# A function that ends has been cancelled: by itself it would sleep for a day.
my $nap = '{"seconds": 86400}';
sub nap { return start_execution($node, shift, input => $nap); }

# --- stop ---
for my $machine (qw(nap stubborn))
{
	my $input = $machine eq 'nap' ? $nap : '{}';
	my $id = start_execution($node, $machine, input => $input);
	ok(wait_until($node, $asleep, '1'), "$machine runs");
	stop_execution($node, $id);
	execution_like($node, $id, 'ABORTED', undef, "$machine is stopped");
	ok(wait_until($node, $asleep, '0'), 'its function has ended');
}

# --- timeouts ---
execution_like($node, nap('nap_timeout'), 'FAILED', 'States.Timeout', 'TimeoutSeconds of a task');
execution_like($node, nap('nap_caught'), 'SUCCEEDED', undef, 'a timeout is caught');
execution_like($node, start_execution($node, 'stubborn_timeout'), 'FAILED', 'States.Timeout',
	'a function that swallows its cancel has still timed out');
is(wait_for_end($node, nap('execution_timeout')), 'TIMED_OUT', "the machine's own TimeoutSeconds");
ok(wait_until($node, $asleep, '0'), 'no function runs any more');
ok(wait_until($node, 'SELECT count(*) FROM workflow.ready', '0'), 'and none is to be run');
is(sql($node, 'SELECT count(*) FROM effect'), '0', 'all that the cancelled ones did is rolled back');

# --- a neighbour of the same role is neither cancelled nor held up ---
my $gate = session($node);
$gate->query_safe('SELECT pg_advisory_lock(1)');
my $slow = start_execution($node, 'nap', input => '{"seconds": 0, "gate": 1}');
my @doomed = map { nap('nap') } 1 .. 2;
ok(wait_until($node, $asleep, '2'), 'two that will be stopped run');
ok(wait_until($node, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted", '1'), 'and a slow one');
my @quick = map { start_execution($node, 'nap', input => '{"seconds": 0.01}') } 1 .. 20;
stop_execution($node, $_) for @doomed;
is(wait_for_end($node, $_), 'ABORTED', 'stopped') for @doomed;
is(join(' ', map { wait_for_end($node, $_) } @quick), join(' ', ('SUCCEEDED') x 20), 'quick ones do not wait for the slow one');
is(status_of($node, $slow), 'RUNNING', 'which still runs');
$gate->quit;
is(wait_for_end($node, $slow), 'SUCCEEDED', 'and succeeds');
is(sql($node, 'SELECT what, count(*) FROM effect GROUP BY 1 ORDER BY 1'), "nap 0|1\nnap 0.01|20", 'each once');

# A stop before the start of its work, and twice.
my $id = sql($node, "BEGIN; SELECT workflow.start_execution('nap', '$nap'); COMMIT");
stop_execution($node, $id);
execution_like($node, $id, 'ABORTED', undef, 'stopped at once');

$node->stop;
done_testing();
