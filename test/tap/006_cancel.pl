# A stop and a timeout end a running function, whatever it does about it, and no other.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Test::More;
use Time::HiRes qw(sleep time);
use WorkflowTest;

my $node = new_node('cancel');
sql($node,
	'CREATE TABLE effect (what text)',
	'CREATE FUNCTION nap(seconds float) RETURNS void LANGUAGE sql AS $$
		INSERT INTO effect VALUES ($q$nap $q$ || seconds); SELECT pg_sleep(seconds) $$',
	# Swallows its cancel, and goes on as if nothing had been.
	'CREATE FUNCTION stubborn() RETURNS void LANGUAGE plpgsql AS $$
		BEGIN
			BEGIN
				PERFORM pg_sleep(60);
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
sub nap { return start_execution($node, shift, input => '{"seconds": 60}'); }

# --- stop ---
for my $machine (qw(nap stubborn))
{
	my $input = $machine eq 'nap' ? '{"seconds": 60}' : '{}';
	my $id = start_execution($node, $machine, input => $input);
	ok(wait_until($node, $asleep, '1'), "$machine runs");
	my $begin = time();
	stop_execution($node, $id);
	execution_like($node, $id, 'ABORTED', undef, "$machine is stopped");
	ok(wait_until($node, $asleep, '0', timeout => 10), "its function has ended");
	cmp_ok(time() - $begin, '<', 5, 'within 5 s');
}

# --- timeouts ---
execution_like($node, nap('nap_timeout'), 'FAILED', 'States.Timeout', 'TimeoutSeconds of a task');
execution_like($node, nap('nap_caught'), 'SUCCEEDED', undef, 'a timeout is caught');
execution_like($node, start_execution($node, 'stubborn_timeout'), 'FAILED', 'States.Timeout',
	'a function that swallows its cancel has still timed out');
is(wait_for_end($node, nap('execution_timeout')), 'TIMED_OUT', "the machine's own TimeoutSeconds");
ok(wait_until($node, $asleep, '0', timeout => 10), 'no function runs any more');
sleep 1;
is(sql($node, 'SELECT count(*) FROM effect'), '0', 'all that the cancelled ones did is rolled back');

# --- a neighbour of the same role is neither cancelled nor held up ---
my $slow = start_execution($node, 'nap', input => '{"seconds": 4}');
my @doomed = map { nap('nap') } 1 .. 2;
ok(wait_until($node, $asleep, '3'), 'a slow one and two that will be stopped run');
my $begin = time();
my @quick = map { start_execution($node, 'nap', input => '{"seconds": 0.01}') } 1 .. 20;
stop_execution($node, $_) for @doomed;
is(wait_for_end($node, $_), 'ABORTED', 'stopped') for @doomed;
wait_for_end($node, $_) for @quick;
cmp_ok(time() - $begin, '<', 3.5, 'quick ones do not wait for the slow one');
is(status_of($node, $slow), 'RUNNING', 'which still runs');
is(wait_for_end($node, $slow), 'SUCCEEDED', 'and succeeds');
is(sql($node, 'SELECT what, count(*) FROM effect GROUP BY 1 ORDER BY 1'), "nap 0.01|20\nnap 4|1", 'each once');

# A stop before the start of its work, and twice.
my $id = sql($node, "BEGIN; SELECT workflow.start_execution('nap', '{\"seconds\": 60}'); COMMIT");
stop_execution($node, $id);
execution_like($node, $id, 'ABORTED', undef, 'stopped at once');

$node->stop;
done_testing();
