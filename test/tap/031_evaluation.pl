# What takes long to evaluate is done by a worker: the scheduler goes on with all others, and what comes for that execution
# meanwhile waits in order behind it, but for what ends it.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Test::More;
use Time::HiRes qw(sleep time);
use WorkflowTest;

my $node = new_node('evaluation', workers => 6,
	conf => "workflow.workers_per_role = 1\nworkflow.worker_idle_timeout = '10min'");
sql($node, <<'SQL');
CREATE ROLE clerk LOGIN;
CREATE ROLE other LOGIN;
CREATE ROLE third LOGIN;
CREATE ROLE fourth LOGIN;
GRANT USAGE ON SCHEMA workflow TO clerk, other, third, fourth;
CREATE TABLE asked (execution text, state text, token text);
CREATE TABLE gate (opened boolean);
GRANT ALL ON asked, gate TO PUBLIC;
CREATE FUNCTION ask(execution text, state text, token text) RETURNS void LANGUAGE sql AS $$ INSERT INTO asked VALUES (execution, state, token) $$;
-- keeps its worker until the gate is opened
CREATE FUNCTION wait_at_gate() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    WHILE NOT EXISTS (SELECT FROM gate) LOOP
        PERFORM pg_sleep(0.05);
    END LOOP;
END $$;
SQL

my $endless = '{% ($f := function($n) { $f($n + 1) }; $f(0)) %}';
my $long = '{% ($f := function($n) { $n = 0 ? "done" : $f($n - 1) }; $f(200000)) %}';
my $longer = $long =~ s/200000/1000000/r;

sub ask
{
	my (%field) = @_;
	return task('public.ask.waitForTaskToken', Arguments => { execution => '{% $states.context.Execution.Name %}',
		state => '{% $states.context.State.Name %}', token => '{% $states.context.Task.Token %}' }, %field);
}

# States one after the other; a Choice goes on by itself.
sub machine
{
	my ($name, $role, @states) = @_;
	my $definition = JSON::PP::decode_json(chain(@states));
	$definition->{QueryLanguage} = 'JSONata';
	delete $_->{Next} for grep { $_->{Type} eq 'Choice' } values %{ $definition->{States} };
	create_machine($node, $name, json_text($definition), run_as => $role);
	return;
}

machine('quick', 'other', Wait => { Type => 'Wait', Seconds => 1, End => JSON::PP::true });
machine('gate', 'clerk', Gate => task('public.wait_at_gate'));
machine('wait', 'clerk', Wait => { Type => 'Wait', Seconds => 1, Output => $endless, End => JSON::PP::true });
machine('until', 'third', Wait => { Type => 'Wait', Timestamp => '{% $states.input.until %}', Output => $endless, End => JSON::PP::true });
machine('short', 'third', Done => { Type => 'Succeed' });
machine('answer', 'clerk', Ask => ask(Output => $endless));
machine('chosen', 'clerk', Ask => ask(), Choice => { Type => 'Choice', Default => 'Done',
	Choices => [ { Condition => $endless, Next => 'Done' } ] }, Done => { Type => 'Succeed' });
machine('long', 'clerk', Ask => ask(Output => $long, TimeoutSeconds => 15));
machine('doomed', 'clerk', Ask => ask(Output => $long));
machine('both', 'clerk', Both => { Type => 'Parallel', End => JSON::PP::true, Branches => [
	{ StartAt => 'First', States => { First => ask(Output => $long, HeartbeatSeconds => 3600) } },
	{ StartAt => 'Second', States => { Second => ask() } } ] });
machine('late', 'clerk', Gate => task('public.wait_at_gate', TimeoutSeconds => 1,
	Catch => [ { ErrorEquals => ['States.Timeout'], Output => $long, Next => 'Done' } ]), Done => { Type => 'Succeed' });

sub token
{
	my ($name, $state) = @_;
	wait_until($node, "SELECT count(*) FROM asked WHERE execution = '$name' AND state = '$state'", '1');
	return sql($node, "SELECT token FROM asked WHERE execution = '$name' AND state = '$state'");
}

sub answer { return sql($node, "SELECT workflow.send_task_success('" . token(@_) . "', '{}')"); }

sub start
{
	my ($machine, $name) = @_;
	return start_execution($node, $machine, name => $name);
}

# The worker that moves the execution on by itself; 0 if there was none before its end.
sub mover
{
	my ($id) = @_;
	my $end = time() + $WorkflowTest::patience;
	while (time() < $end)
	{
		my $pid = sql($node, "SELECT coalesce((SELECT pid FROM workflow.workers WHERE kind = 'worker' AND execution_id = $id AND frame IS NULL),
			(SELECT 0 FROM workflow.executions WHERE id = $id AND status <> 'RUNNING'))");
		return $pid if $pid ne '';
		sleep 0.02;
	}
	return 0;
}

# Has the stopped process been sent a SIGINT?
sub is_interrupted
{
	my ($pid) = @_;
	my $end = time() + 60;
	while (time() < $end)
	{
		open(my $status, '<', "/proc/$pid/status") or return 0;
		return 1 if grep { /^(?:Sig|Shd)Pnd:\s*([0-9a-f]+)/ && hex($1) & 2 } <$status>;
		sleep 0.05;
	}
	return 0;
}

my $nothing_left = "SELECT (SELECT count(*) FROM workflow.ready) + (SELECT count(*) FROM workflow.inbox) + (SELECT count(*) FROM workflow.timer)";

# --- others go on ---

for my $machine (qw(wait answer chosen))
{
	my $id = start($machine, $machine);
	answer($machine, 'Ask') if $machine ne 'wait';
	my $pid = mover($id);
	ok($pid, "$machine: a worker evaluates");
	kill('STOP', $pid) if $pid;
	execution_like($node, start('quick', "quick-$machine"), 'SUCCEEDED', undef, 'another execution comes to its end');
	is(status_of($node, $id), 'RUNNING', 'first');
	kill('CONT', $pid) if $pid;
	execution_like($node, $id, 'FAILED', 'States.QueryEvaluationError', 'it is given as long as any evaluation');
}
ok(wait_until($node, $nothing_left, '0'), 'nothing is left of them');

# --- a stop reaches who evaluates ---

my $stopped = start('answer', 'stopped');
answer('stopped', 'Ask');
my $pid = mover($stopped);
ok($pid, 'a worker evaluates') and kill('STOP', $pid);
sql($node, "SELECT workflow.stop_execution($stopped)");
ok($pid && is_interrupted($pid), 'it is interrupted for a stop') if -r '/proc/self/status';
kill('CONT', $pid) if $pid;
execution_like($node, $stopped, 'ABORTED', undef, 'which comes before its end');
ok(wait_until($node, $nothing_left, '0'), 'nothing is left');

# --- no worker has time: order ---

sub set_aside
{
	my ($id) = @_;
	return "SELECT count(*) FROM workflow.inbox WHERE execution_id = $id AND not_before = 'infinity'";
}

my $both = start('both', 'both');
my $token = token('both', 'First');
token('both', 'Second');
my %long = map { $_ => start('long', $_) } qw(timed stopped-too);
my $doomed = start('doomed', 'doomed');
token($_, 'Ask') for keys %long, 'doomed';
my $gate = start('gate', 'gate');
ok(wait_until($node, "SELECT count(*) FROM workflow.workers WHERE execution_id = $gate", '1'), 'the only worker is busy');
sql($node, "SELECT workflow.send_task_heartbeat('$token')");
ok(wait_until($node, 'SELECT count(*) FROM workflow.inbox', '0'), 'a heartbeat is seen');
answer('both', 'First');
ok(wait_until($node, set_aside($both), '1'), 'an answer is handed over');
answer('both', 'Second');
ok(wait_until($node, set_aside($both), '2'), 'the next one stands behind it');
is(sql($node, "SELECT count(*) FROM workflow.ready WHERE execution_id = $both"), '1', 'one worker is to do both');
my ($code, undef, $error) = as_role($node, 'postgres', "SELECT workflow.send_task_success('$token', '{}')");
isnt($code, 0, 'answered is answered');
answer($_, 'Ask') for keys %long, 'doomed';
ok(wait_until($node, set_aside($_), '1'), 'others are handed over') for values %long, $doomed;
sql($node, "SELECT workflow.stop_execution($long{'stopped-too'})");
execution_like($node, $long{'stopped-too'}, 'ABORTED', undef, 'a stop does not wait for the worker');
sql($node, "SELECT workflow.delete_state_machine('doomed')");
execution_like($node, $doomed, 'ABORTED', undef, 'nor does the deletion of a machine');
ok(wait_until($node, "SELECT count(*) FROM workflow.timer WHERE execution_id = $long{timed} AND due_at = 'infinity'", '1'),
	'the time of a task that has been answered is over');
is(sql($node, "SELECT count(*) FROM workflow.timers WHERE execution_id = $long{timed}"), '0', 'nobody waits for it any more');
terminate_backend($node, 'workflow scheduler');
is(status_of($node, $_), 'RUNNING', 'they wait for the worker') for $both, $long{timed};
sql($node, 'INSERT INTO gate VALUES (true)');
execution_like($node, $_, 'SUCCEEDED', undef, 'when it has time, they go on') for $both, $long{timed};
is(sql($node, "SELECT string_agg(details ->> 'name', ' ' ORDER BY id) FROM workflow.history_events
	WHERE execution_id = $both AND type = 'TaskStateExited'"), 'First Second', 'in the order in which they were answered');
execution_like($node, $gate, 'SUCCEEDED', undef, 'so does what kept it');
ok(wait_until($node, $nothing_left, '0'), 'nothing is left');

# --- what is handed over does not wait for the worker whose task it ends ---

sql($node, 'TRUNCATE gate');
execution_like($node, start('late', 'late'), 'SUCCEEDED', undef, 'a timeout frees the worker that is to evaluate what follows');

# --- a worker that carries out an offer, and then evaluates, holds up no task ---

$node->append_conf('postgresql.conf', "workflow.safety_net = '1h'\nworkflow.batch_budget = 1000");
$node->reload;
sql($node, 'TRUNCATE gate', 'SET ROLE clerk', "SELECT workflow.create_activity('act')");
machine('work', 'other', Work => { Type => 'Task', Resource => 'activity:act', End => JSON::PP::true });
machine('poll', 'clerk', Both => { Type => 'Parallel', End => JSON::PP::true, Branches => [
	{ StartAt => 'Poll', States => { Poll => { Type => 'Task', Resource => 'arn:aws:states:::aws-sdk:sfn:getActivityTask',
		Arguments => { ActivityArn => sql($node, "SELECT workflow.activity_arn('act')") }, End => JSON::PP::true } } },
	{ StartAt => 'Ask', States => { Ask => ask(Output => $longer) } } ] });
my $poll = start('poll', 'poll');
token('poll', 'Ask');
ok(wait_until($node, 'SELECT count(*) FROM workflow.activity_poll', '1'), 'a machine waits for a task');
sql($node, map { "UPDATE workflow.$_ SET due_at = due_at + interval '1 hour'" } qw(activity_poll timer));
$gate = start('gate', 'gate-again');
ok(wait_until($node, "SELECT count(*) FROM workflow.workers WHERE execution_id = $gate", '1'), 'the only worker is busy');
sql($node, "INSERT INTO workflow.ready (role, id, execution_id, kind, alone) VALUES ('clerk'::regrole, $poll, $poll, 'i', true)");
my @work = start('work', 'first-work');
ok(wait_until($node, set_aside($poll), '1'), 'it is told of one, when it has a worker');
is(sql($node, "SELECT count(task_token) FROM workflow.get_activity_task('act', wait => '0')"), '1', 'another takes it');
answer('poll', 'Ask');
ok(wait_until($node, set_aside($poll), '2'), 'an answer stands behind that');
sql($node, 'INSERT INTO gate VALUES (true)');
$pid = mover($poll);
kill('STOP', $pid) if $pid;
push @work, start('work', 'second-work');
wait_until($node, 'SELECT count(*) FROM workflow.activity_task', '1') if $pid;
execution_like($node, start('quick', 'quick-poll'), 'SUCCEEDED', undef, 'the scheduler has looked');
kill('CONT', $pid) if $pid;
execution_like($node, $poll, 'SUCCEEDED', undef, 'the machine gets it');
sql($node, map { "SELECT workflow.stop_execution($_)" } @work);
ok(wait_until($node, $nothing_left, '0'), 'nothing is left');
$node->append_conf('postgresql.conf', "workflow.safety_net = '1min'\nworkflow.batch_budget = 5");
$node->reload;

# --- more waits end together than one process should see to: workers do, and have time for what is short ---

$node->append_conf('postgresql.conf', 'workflow.workers_per_role = 2');
$node->reload;
execution_like($node, start('short', 'short-before'), 'SUCCEEDED', undef, 'the role has short work');
my $crowd = join(',', split /\n/, sql($node, "SELECT workflow.start_execution('until', jsonb_build_object('until',
	to_char(now() AT TIME ZONE 'UTC' + interval '5 s', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'))) FROM generate_series(1, 60)"));
ok(wait_until($node, "SELECT count(*) FROM workflow.timers WHERE execution_id IN ($crowd)", '60'), 'many wait');
ok(wait_until($node, "SELECT count(*) FROM workflow.timer WHERE execution_id IN ($crowd)", '0'), 'for the same moment');
execution_like($node, start('short', 'short'), 'SUCCEEDED', undef, 'short work goes on');
cmp_ok(sql($node, "SELECT count(*) FROM workflow.executions WHERE status = 'RUNNING' AND id IN ($crowd)"), '>', 30, 'long before them');
sql($node, "SELECT workflow.stop_execution(id) FROM unnest(ARRAY[$crowd]) id");
ok(wait_until($node, "SELECT count(*) FROM workflow.executions WHERE status = 'RUNNING' AND id IN ($crowd)", '0'), 'which are stopped');
ok(wait_until($node, $nothing_left, '0'), 'nothing is left');

# --- the last worker that is free for short work does what ends by itself ---

sql($node, 'DELETE FROM gate');
machine('closed', 'fourth', Gate => task('public.wait_at_gate'));
machine('ready', 'fourth', Done => { Type => 'Succeed' });
machine('bounded', 'fourth', Wait => { Type => 'Wait', Seconds => 1, Output => $long, End => JSON::PP::true });
my $closed = start('closed', 'closed');
ok(wait_until($node, 'SELECT count(*) FROM workflow.ready WHERE started', '1'), 'one worker runs a task that takes as long as it takes');
execution_like($node, start('ready', 'ready'), 'SUCCEEDED', undef, 'another does short work');
execution_like($node, start('bounded', 'bounded'), 'SUCCEEDED', undef, 'and what the scheduler hands over');
is(sql($node, "SELECT status FROM workflow.executions WHERE id = $closed"), 'RUNNING', 'meanwhile');
sql($node, 'INSERT INTO gate VALUES (true)');
execution_like($node, $closed, 'SUCCEEDED', undef, 'the task ends');

# --- crashes ---

for my $crash ('worker', 'scheduler')
{
	my $id = start('answer', "crash-$crash");
	answer("crash-$crash", 'Ask');
	my $mover = mover($id);
	kill('KILL', $crash eq 'worker' ? $mover : backends($node, 'workflow scheduler'));
	wait_for_server($node);
	execution_like($node, $id, 'FAILED', 'States.QueryEvaluationError', "after a crash of the $crash it is carried out");
	is(sql($node, "SELECT count(*) FROM workflow.history_events WHERE execution_id = $id AND type = 'TaskSucceeded'"), '1', 'once');
}
ok(wait_until($node, $nothing_left, '0'), 'nothing is left');

$node->stop;
done_testing();
