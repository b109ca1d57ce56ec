# Executions that wait for other executions: no worker is held, whoever is stopped takes those below along, and whatever
# is killed, each is started once and answered once.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Test::More;
use Time::HiRes qw(sleep);
use WorkflowTest;

my $node = new_node('children', workers => 3, conf => "fsync = off");
sql($node,
	'CREATE ROLE clerk LOGIN',
	'GRANT USAGE ON SCHEMA workflow TO clerk',
	'CREATE TABLE effect (execution text, state text)',
	'GRANT INSERT ON effect TO clerk',
	'CREATE FUNCTION work(execution text, state text) RETURNS void LANGUAGE sql AS
		$$ INSERT INTO effect VALUES (execution, state) $$');

sub work
{
	return task('public.work', ResultPath => undef,
		Parameters => { 'execution.$' => '$$.Execution.Name', 'state.$' => '$$.State.Name' });
}

sub child
{
	my ($machine, $suffix) = @_;
	return { Type => 'Task', Resource => "arn:aws:states:::states:startExecution$suffix", End => JSON::PP::true,
		Parameters => { StateMachineArn => $machine, 'Input.$' => '$' }, ResultSelector => { 'from.$' => '$.Output' } };
}

# Three levels; the lowest waits a moment.
create_machine($node, 'low', chain(Rest => { Type => 'Wait', Seconds => 1 }, Low => work()), run_as => 'clerk');
create_machine($node, 'middle', chain(Before => work(), Child => child('low', '.sync:2'), After => work()), run_as => 'clerk');
create_machine($node, 'high', chain(Before => work(), Child => child('middle', '.sync'), After => work()), run_as => 'clerk');
create_machine($node, 'wait', chain(Rest => { Type => 'Wait', Seconds => 3600, End => JSON::PP::true }), run_as => 'clerk');
create_machine($node, 'waiting', chain(Child => child('wait', '.sync')), run_as => 'clerk');
create_machine($node, 'above', chain(Child => child('waiting', '.sync')), run_as => 'clerk');
create_machine($node, 'endless', chain(Child => child('endless', '.sync')), run_as => 'clerk');

sub running
{
	my ($machine) = @_;
	return "SELECT count(*) FROM workflow.executions WHERE status = 'RUNNING' AND state_machine LIKE '$machine'";
}

# --- who waits holds no worker ---
my @waiting = map { start_execution($node, 'above') } 1 .. 20;
ok(wait_until($node, running('wait'), '20'), 'twenty wait for twenty that wait for twenty');
execution_like($node, start_execution($node, 'high'), 'SUCCEEDED', undef, 'and another is not held up by them');
is(sql($node, "SELECT count(*) FROM workflow.tasks"), '0', 'no task runs meanwhile');

# --- a stop takes along who is below ---
stop_execution($node, $waiting[0]);
ok(wait_until($node, running('wait'), '19'), 'a stop reaches the lowest');
is(wait_for_end($node, $waiting[0]), 'ABORTED', 'and the highest');
is(sql($node, "SELECT string_agg(DISTINCT status, ',') FROM workflow.executions WHERE parent_id = $waiting[0]"), 'ABORTED',
	'and who is between them');
stop_execution($node, $_) for @waiting;
ok(wait_until($node, running('%'), '0'), 'all are stopped');
is(sql($node, 'SELECT count(*) FROM workflow.awaited_execution'), '0', 'nobody is awaited any more');

# --- a machine that starts itself for ever ---
my $root = start_execution($node, 'endless');
ok(wait_until($node, "SELECT count(*) > 50 FROM workflow.executions WHERE state_machine = 'endless'"), 'it starts itself');
stop_execution($node, $root);
ok(wait_until($node, running('endless'), '0'), 'and does not run away from its stop');

# --- whatever is killed ---
sql($node, 'TRUNCATE effect');
my $many = 150;
sql($node, "SELECT workflow.start_execution('high', '{}', 'high' || i) FROM generate_series(1, $many) i");
for my $disaster (qw(worker postmaster worker immediate worker))
{
	wait_for_server($node);
	my $before = sql($node, 'SELECT count(*) FROM effect');
	wait_until($node, "SELECT count(*) > least($before + 30, $many * 5 - 1) FROM effect", 't', every => 0.02, timeout => 30);
	if ($disaster eq 'worker') { kill_backend($node, 'workflow worker'); }
	elsif ($disaster eq 'postmaster') { kill_postmaster($node); }
	else { $node->stop('immediate'); $node->start; }
}
wait_for_server($node);
ok(wait_until($node, running('%'), '0'), 'all come to their ends');
is(sql($node, "SELECT count(*) FROM workflow.executions WHERE state_machine = 'high' AND name LIKE 'high%' AND status = 'SUCCEEDED'"),
	$many, 'all have succeeded');
is(sql($node, 'SELECT count(*), count(DISTINCT (execution, state)) FROM effect'), ($many * 5) . '|' . ($many * 5),
	'each did its work once');
is(sql($node, "SELECT count(*) FROM workflow.executions p WHERE p.state_machine IN ('high', 'middle') AND p.status = 'SUCCEEDED' AND
	(SELECT count(*) FROM workflow.executions c WHERE c.parent_id = p.id) <> 1"), '0', 'each has started one child');
is(sql($node, 'SELECT count(*) FROM workflow.awaited_execution') . sql($node, 'SELECT count(*) FROM workflow.inbox'), '00',
	'nothing is left of the waits');

$node->stop;
done_testing();
