# Tasks that take long: who sees them, who is told, and what ends them where their states do not say.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use JSON::PP ();
use Test::More;
use WorkflowTest;

my $node = new_node('waiting', conf => "workflow.waiting_task_age = '1s'");
sql($node, 'CREATE ROLE clerk LOGIN', 'CREATE ROLE baker LOGIN', q{ALTER ROLE baker SET workflow.waiting_task_age = '1h'},
	'CREATE ROLE stranger LOGIN', 'GRANT USAGE ON SCHEMA workflow TO clerk, stranger',
	'CREATE SCHEMA shop', 'GRANT USAGE ON SCHEMA shop TO clerk, baker',
	'CREATE FUNCTION shop.quick() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
	'CREATE FUNCTION shop.slow() RETURNS void LANGUAGE sql AS $$ SELECT pg_sleep(3600) $$');
create_machine($node, 'quick', chain(Quick => task('shop.quick')), run_as => 'baker');
create_machine($node, 'slow', chain(Slow => task('shop.slow')), run_as => 'clerk');
create_machine($node, 'ask', chain(Ask => task('', Resource => 'notify:bell.waitForTaskToken',
	Retry => [ { ErrorEquals => ['Again'], IntervalSeconds => 1 } ])), run_as => 'clerk');
sql($node, q{SELECT workflow.grant_state_machine('ask', 'clerk', 'read')});

my $listener = session($node, extra_params => [ '-U', 'stranger' ]);
$listener->query_safe('LISTEN workflow_waiting_task; LISTEN bell');
my (@told, @bells);

# Waits until so many tasks have been told of, and so many bells have been rung; returns the former.
sub told
{
	my ($n, $rung) = @_;
	my $heard = '';
	for (1 .. 10 * $WorkflowTest::patience)
	{
		$heard .= $listener->query('SELECT pg_sleep(0.1)');
		push @told, $1 while $heard =~ s/notification "workflow_waiting_task" with payload "(\{.*?\})" received//;
		push @bells, $1 while $heard =~ s/notification "bell" with payload "(\{.*?\})" received//;
		last if @told >= $n && @bells >= $rung;
	}
	return join(' ', @told);
}

# What ends before its age takes its timer with it.
is(wait_for_end($node, start_execution($node, 'quick')), 'SUCCEEDED', 'a short task');
is(sql($node, 'SELECT count(*) FROM workflow.timers'), '0', 'leaves no timer, so it is never told of');

my $slow = start_execution($node, 'slow');
is(told(1, 0), qq({"execution_id":$slow,"frame":0}), 'a task that a worker runs');
is(sql($node, q{SELECT state_machine, frame, state, role, status, attempt, age >= '1 s', due_at FROM workflow.waiting_tasks}),
	'slow|0|Slow|clerk|started|0|t|', 'the view shows it');
is(sql($node, 'SELECT count(*) FROM workflow.timers'), '0', 'it is told of once');

my $ask = start_execution($node, 'ask');
is(told(2, 1), qq({"execution_id":$slow,"frame":0} {"execution_id":$ask,"frame":0}), 'a task that waits for its token');
ok(wait_until($node, q{SELECT state, status FROM workflow.waiting_tasks WHERE state_machine = 'ask'}, 'Ask|waiting'), 'the view shows it');
is((as_role($node, 'clerk', 'SELECT state FROM workflow.waiting_tasks'))[1], 'Ask', 'to those who may read the machine');
is((as_role($node, 'stranger', 'SELECT count(*) FROM workflow.waiting_tasks'))[1], '0', 'and nobody else');

my $token = JSON::PP::decode_json($bells[0])->{taskToken};
sql($node, "SELECT workflow.send_task_failure('$token', 'Again')");
is(told(3, 2), join(' ', map { qq({"execution_id":$_,"frame":0}) } $slow, $ask, $ask), 'each attempt is told of');
$token = JSON::PP::decode_json($bells[1])->{taskToken};
sql($node, "SELECT workflow.send_task_success('$token', '1')");
is(wait_for_end($node, $ask), 'SUCCEEDED', 'it ends');
stop_execution($node, $slow);
is(wait_for_end($node, $slow), 'ABORTED', 'the other, too');

# So does what is stopped.
$ask = start_execution($node, 'ask');
ok(wait_until($node, "SELECT count(*) FROM workflow.live_states WHERE execution_id = $ask AND status = 'task'", '1'), 'a task waits');
stop_execution($node, $ask);
wait_for_end($node, $ask);
is(sql($node, 'SELECT count(*) FROM workflow.timers'), '0', 'no timer stays');
$listener->quit;

# Where NOTIFY fails (its pages cannot be written any more, the last one is full), timers fire all the same.
$listener = session($node);
$listener->query_safe('LISTEN workflow_waiting_task; BEGIN');
my $pages = $node->data_dir . '/pg_notify';
rename $pages, "$pages.away" or die $!;
my $fill = sub { my ($n, $text) = @_; $node->psql('app', "SELECT pg_notify('filler', $text);\n" x $n, on_error_stop => 0) };
$fill->(200, q{repeat('x', 7990)});
$fill->(400, q{''});
isnt($node->psql('app', q{SELECT pg_notify('filler', '')}), 0, 'nobody can be notified');
create_machine($node, 'rest', chain(Rest => { Type => 'Wait', Seconds => 3, End => JSON::PP::true }), run_as => 'clerk');
my $offset = -s $node->logfile;
$slow = start_execution($node, 'slow');
my $rest = start_execution($node, 'rest');
is(wait_for_end($node, $rest), 'SUCCEEDED', 'timers fire all the same');
$node->wait_for_log('nobody could be told of 1 tasks', $offset);    # it dies if that is not said
stop_execution($node, $slow);
is(wait_for_end($node, $slow), 'ABORTED', 'and stops work');
rename "$pages.away", $pages or die $!;
$listener->query('COMMIT');
$listener->quit;

# A timeout for tasks whose states have none: the role's own setting, read where its tasks run.
sql($node, q{ALTER ROLE clerk SET workflow.default_task_timeout = '1s'});
terminate_backend($node, 'workflow worker');
$slow = start_execution($node, 'slow');
execution_like($node, $slow, 'FAILED', 'States.Timeout', 'workflow.default_task_timeout of the role');
is(sql($node, "SELECT cause FROM workflow.executions WHERE id = $slow"),
	'The state has no timeout of its own, and the task took longer than workflow.default_task_timeout.', 'the cause says so');
is(sql($node, "SELECT details -> 'timeoutInSeconds' FROM workflow.history_events WHERE execution_id = $slow AND type = 'TaskScheduled'"),
	'', 'the history says what the definition says');

$node->stop;
done_testing();
