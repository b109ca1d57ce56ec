# EXPRESS executions in the background: with no history and names that are all the same, nothing of them is lost and nothing
# done twice, whatever is killed; and one whose time is over frees its worker.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Test::More;
use WorkflowTest;

my $node = new_node('express', workers => 4);
sql($node,
	'CREATE ROLE clerk LOGIN',
	'CREATE TABLE effect (execution text, state text)',
	'GRANT INSERT ON effect TO clerk',
	'CREATE FUNCTION work(execution text, state text) RETURNS void LANGUAGE plpgsql AS $$
		BEGIN INSERT INTO effect VALUES (execution, state); PERFORM pg_sleep(0.002 + random() * 0.008); END $$');

sub create_express
{
	my ($name, $definition) = @_;
	sql($node, "SELECT workflow.create_state_machine('$name', \$json\$$definition\$json\$, 'clerk', 'EXPRESS')");
	return;
}

my @state = map { ($_ => task('public.work', ResultPath => undef,
	Parameters => { 'execution.$' => '$$.Execution.Id', 'state.$' => '$$.State.Name' })) } qw(First Second Third);
splice(@state, 4, 0, Pause => { Type => 'Wait', Seconds => 1 });
create_express('short', chain(@state));

my $n = 400;
sql($node, "SELECT count(workflow.start_execution('short', '{}', 'same')) FROM generate_series(1, $n)");
my $some = sub { return wait_until($node, 'SELECT count(*) > ' . $_[0] . ' FROM effect', 't', every => 0.05) };
ok($some->(20), 'they are run');
kill_backend($node, 'workflow worker');
wait_for_server($node);
ok($some->($n / 2), 'they go on after a worker has been killed');
$node->stop('immediate');
$node->start;
ok($some->($n * 2), 'they go on after the server has been');
kill_postmaster($node);

ok(wait_until($node, "SELECT count(*) FILTER (WHERE status = 'SUCCEEDED') FROM workflow.executions", $n), 'all of them end');
is(sql($node, 'SELECT count(*), count(DISTINCT (execution, state)) FROM effect'), 3 * $n . '|' . 3 * $n,
	'each effect is there, and there once');
is(sql($node, 'SELECT count(DISTINCT execution) FROM effect e JOIN workflow.executions x ON x.arn = e.execution'), $n,
	'each under the ARN that the view shows');
is(sql($node, 'SELECT count(*) FROM workflow.history'), 0, 'nothing but the outcomes is stored');
is(sql($node, 'SELECT (SELECT count(*) FROM workflow.execution_name) + (SELECT count(*) FROM workflow.timer)
	+ (SELECT count(*) FROM workflow.live_execution) + (SELECT count(*) FROM workflow.frame)'), 0, 'and nothing is left over');

# A task that takes longer than its execution may.
sql($node, 'CREATE FUNCTION endless() RETURNS void LANGUAGE sql AS $$ INSERT INTO effect VALUES (NULL, NULL);
	SELECT pg_sleep(1000000) $$',
	q{SELECT workflow.create_state_machine('endless', '} . chain(E => task('public.endless')) . q{', 'clerk', 'EXPRESS')},
	q{SELECT workflow.set_logging('endless', 'FATAL')});
$node->append_conf('postgresql.conf', 'workflow.express_timeout = 1s');
$node->reload;
my $id = sql($node, q{SELECT workflow.start_execution('endless')});
ok(wait_until($node, "SELECT status FROM workflow.executions WHERE id = $id", 'TIMED_OUT'), 'an execution has its time');
is(sql($node, "SELECT string_agg(type, ',') FROM workflow.log_events WHERE execution_id = $id"), 'ExecutionTimedOut',
	'its end is logged');
ok(wait_until($node, "SELECT count(*) FROM workflow.workers WHERE execution_id = $id", '0'), 'its worker is free');
is(sql($node, 'SELECT count(*) FROM effect WHERE execution IS NULL'), 0, 'what the task had done is rolled back');

# One that never waits is told by whoever runs it: here nobody else can.
sql($node, q{SELECT workflow.create_state_machine('busy', '{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Choice",
	"Choices":[{"Variable":"$.end","IsPresent":true,"Next":"C"}],"Default":"A"},"C":{"Type":"Succeed"}}}', 'clerk', 'EXPRESS')});
$node->append_conf('postgresql.conf', 'workflow.express_timeout = 1h');
$node->reload;
my $busy = sql($node, q{SELECT workflow.start_execution('busy')});
ok(wait_until($node, "SELECT count(*) FROM workflow.timer WHERE execution_id = $busy AND due_at > now()", '1'), 'a busy one has a timer');
# Its time is over, and the timer does not know.
sql($node, "UPDATE workflow.live_execution SET timeout_at = now() WHERE execution_id = $busy");
ok(wait_until($node, "SELECT status FROM workflow.executions WHERE id = $busy", 'TIMED_OUT'), 'and ends in time, though nobody reads that');
# Which now finds nobody: it goes when it is due.
sql($node, 'UPDATE workflow.timer SET due_at = now()', 'SELECT workflow.resume()');
ok(wait_until($node, 'SELECT count(*) FROM workflow.timer', '0'), 'the timer goes');

$node->stop;
done_testing();
