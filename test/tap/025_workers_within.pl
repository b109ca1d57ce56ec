# Machines that poll an activity: they hold no worker, miss no task, and what they wait for outlives crashes and dumps.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use IPC::Run ();
use PostgreSQL::Test::Utils;
use Test::More;
use WorkflowTest;

my $node = new_node('origin', workers => 1);
my $sdk = 'arn:aws:states:::aws-sdk:sfn';
sql($node, "SELECT workflow.create_activity('act')", "CREATE FUNCTION nothing() RETURNS text LANGUAGE sql AS \$\$ SELECT 'done' \$\$");
my $arn = sql($node, "SELECT workflow.activity_arn('act')");
create_machine($node, 'work', chain(S => { Type => 'Task', Resource => 'activity:act', End => JSON::PP::true }));
create_machine($node, 'other', chain(S => task('public.nothing')));
create_machine($node, 'worker', json_text({
	StartAt => 'Poll',
	States => {
		Poll => { Type => 'Task', Resource => "$sdk:getActivityTask", Parameters => { ActivityArn => $arn }, Next => 'Any' },
		Any => { Type => 'Choice', Choices => [ { Variable => '$.TaskToken', IsPresent => JSON::PP::true, Next => 'Answer' } ],
			Default => 'None' },
		None => { Type => 'Succeed' },
		Answer => { Type => 'Task', Resource => "$sdk:sendTaskSuccess", ResultPath => undef,
			Parameters => { 'TaskToken.$' => '$.TaskToken', 'Output.$' => '$.Input' }, OutputPath => '$.Input', End => JSON::PP::true } } }));

# So many wait.  A wait is over after a minute, in which a server may not even start again: theirs get an hour more.
sub parked
{
	my ($n) = @_;
	ok(wait_until($node, 'SELECT count(*) FROM workflow.activity_poll', $n), "$n wait");
	sql($node, map { "UPDATE workflow.$_ SET due_at = due_at + interval '1 hour'" } qw(activity_poll timer));
	return;
}

# A session of its own that runs SQL; its application_name is given.
my %session;

sub begin
{
	my ($name, @sql) = @_;
	my $session = $session{$name} = { out => '' };
	local $ENV{PGAPPNAME} = $name;
	$session->{run} = IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('app'), map { ('-c', $_) } @sql ],
		'>', \$session->{out}, '2>', \$session->{err});
	return;
}

sub finish
{
	my ($name) = @_;
	my $session = delete $session{$name};
	IPC::Run::finish($session->{run});
	chomp $session->{out};
	return $session->{out};
}

# A session that takes tasks, and gives them back when it is told to.
sub take_and_hold
{
	my ($n) = @_;
	begin('gate', 'SELECT pg_advisory_lock(1)', 'SELECT pg_sleep(86400)');
	wait_until($node, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted", 1);
	begin('taker', 'BEGIN', ("SELECT input FROM workflow.get_activity_task('act')") x $n, 'SELECT pg_advisory_xact_lock(1)', 'ROLLBACK');
	return ok(wait_until($node, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted", 1), "$n are taken");
}

sub give_back
{
	sql($node, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'gate'");
	finish($_) for qw(gate taker);
	return;
}

# --- waiting ---

my @worker = map { start_execution($node, 'worker') } 1 .. 5;
parked(5);
is(sql($node, 'SELECT count(*) FROM workflow.ready'), '0', 'no work is ready meanwhile');
is(wait_for_end($node, start_execution($node, 'other')), 'SUCCEEDED', 'and the one worker is free');
ok(wait_until($node, "SELECT count(*) FROM pg_stat_activity WHERE backend_type LIKE 'workflow%' AND (backend_xmin IS NOT NULL OR backend_xid IS NOT NULL)",
		'0'), 'nobody holds a snapshot');
sql($node, "SELECT count(workflow.start_execution('work', to_jsonb(i), 'first-' || i)) FROM generate_series(1, 5) i");
is(wait_for_end($node, $_), 'SUCCEEDED', 'each has a task') for @worker;
ok(wait_until($node, "SELECT string_agg(output::text, ' ' ORDER BY id) FROM workflow.executions WHERE name LIKE 'first-%'", '1 2 3 4 5'),
	'of as many');

# --- one order, over machines and sessions ---

sub waits
{
	my ($name) = @_;
	begin($name, "SELECT workflow.send_task_success(task_token, input::jsonb) FROM workflow.get_activity_task('act')");
	return wait_until($node, "SELECT count(*) FROM pg_stat_activity WHERE application_name = '$name' AND wait_event_type = 'Extension'", 1);
}

my $waiting = "SELECT string_agg(name, ' ' ORDER BY name) FROM (
	SELECT application_name FROM pg_stat_activity WHERE application_name LIKE 'session%' AND state = 'active'
	UNION SELECT name FROM workflow.executions WHERE name LIKE 'machine%' AND status = 'RUNNING') w (name)";
start_execution($node, 'worker', name => 'machine-1');
parked(1);
waits('session-2');
start_execution($node, 'worker', name => 'machine-3');
parked(2);
waits('session-4');
waits('session-5');
start_execution($node, 'worker', name => 'machine-6');
parked(3);
for my $left ('machine-3 machine-6 session-2 session-4 session-5', 'machine-3 machine-6 session-4 session-5',
	'machine-6 session-4 session-5', 'machine-6 session-5', 'machine-6', '')
{
	start_execution($node, 'work', input => '"next"');
	ok(wait_until($node, $waiting, $left), "who came first is served first, left is: $left");
}
finish("session-$_") for 2, 4, 5;

# Several at once.
start_execution($node, 'worker', name => 'machine-7');
parked(1);
waits('session-8');
waits('session-9');
sql($node, "SELECT count(workflow.start_execution('work', '\"many\"', 'several-' || i)) FROM generate_series(1, 3) i");
ok(wait_until($node, "SELECT count(*) FROM workflow.executions WHERE name LIKE 'several-%' AND status = 'SUCCEEDED'", 3), 'each of three has one of three');
finish("session-$_") for 8, 9;

# --- given back ---

my $task = start_execution($node, 'work', input => '"taken"');
take_and_hold(1);
my $worker = start_execution($node, 'worker');
parked(1);
give_back();
is(wait_for_end($node, $worker), 'SUCCEEDED', 'what is given back, a machine that waits gets');
is(wait_for_end($node, $task), 'SUCCEEDED', 'and answers');

my @task = map { start_execution($node, 'work', input => $_) } 1 .. 3;
take_and_hold(3);
begin("session $_", "SELECT workflow.send_task_success(task_token, input::jsonb) FROM workflow.get_activity_task('act', wait => '10 min')") for 1 .. 3;
wait_until($node, "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'session%' AND wait_event_type = 'Extension'", 3);
give_back();
is(wait_for_end($node, $_), 'SUCCEEDED', 'of three, each of three sessions gets one') for @task;
finish("session $_") for 1 .. 3;

# --- the wait is over ---

$worker = start_execution($node, 'worker');
parked(1);
sql($node, "WITH due AS (UPDATE workflow.activity_poll SET due_at = now() RETURNING due_at)
	UPDATE workflow.timer SET due_at = due.due_at FROM due WHERE kind = 'p'", 'SELECT workflow.resume()');
is(wait_for_end($node, $worker), 'SUCCEEDED', 'a wait ends');
is(sql($node, "SELECT output FROM workflow.executions WHERE id = $worker"), '{}', 'without a task');

# --- crashes ---

@worker = map { start_execution($node, 'worker') } 1 .. 3;
parked(3);
$task = start_execution($node, 'work', input => '0');
kill_postmaster($node);
ok(wait_until($node, "SELECT count(*) FROM workflow.executions WHERE id = ANY (ARRAY[" . join(',', @worker) . "]) AND status = 'SUCCEEDED'", 1),
	'after a crash one has the task that was there');
is(wait_for_end($node, $task), 'SUCCEEDED', 'and answers');
terminate_backend($node, 'workflow scheduler');
sql($node, "SELECT count(workflow.start_execution('work', '1')) FROM generate_series(1, 2)");
is(wait_for_end($node, $_), 'SUCCEEDED', 'the others those that came while there was no scheduler') for @worker;

# --- many at once, machines and sessions: nobody waits beside a task ---

my $n = 60;
$node->append_conf('postgresql.conf', 'workflow.workers = 4');
$node->reload;
sql($node, 'CREATE SEQUENCE many');
run_pgbench($node, "SELECT workflow.start_execution('worker', name => 'many-' || nextval('many'));
	SELECT workflow.start_execution('work', '2');\n", clients => 6, transactions => $n / 6, test => 'many');
ok(wait_until($node, q{SELECT count(*) FROM workflow.executions WHERE name LIKE 'many-%' AND output::text = '"2"'}, $n),
	'each has its task');
ok(wait_until($node, "SELECT count(*) FROM workflow.executions WHERE status = 'RUNNING'", 0), 'nothing is left');
is(sql($node, 'SELECT count(*) FROM workflow.activity_poll'), '0', 'and nobody waits');

# --- a dump ---

$worker = start_execution($node, 'worker');
parked(1);
my $file = $node->basedir . '/dump';
command_ok([ 'pg_dump', '--format=custom', '-f', $file, '-d', $node->connstr('app') ], 'pg_dump');
$node->stop;
my $copy = new_node('copy', database => undef);
$copy->safe_psql('postgres', 'CREATE DATABASE app');
command_ok([ 'pg_restore', '--exit-on-error', '-d', $copy->connstr('app'), $file ], 'pg_restore');
sql($copy, 'SELECT workflow.resume()');
start_execution($copy, 'work', input => '3');
is(wait_for_end($copy, $worker), 'SUCCEEDED', 'a wait goes on in a restored copy');
$node = $copy;

# --- a synchronous execution: its session waits ---

sub create_express
{
	my ($name, $run_as, %field) = @_;
	sql($node, 'SELECT workflow.create_state_machine($a$' . $name . '$a$, $a$' . chain(Poll => { Type => 'Task',
		Resource => "$sdk:getActivityTask", Parameters => { ActivityArn => $arn }, End => JSON::PP::true, %field })
		. "\$a\$, $run_as, type => 'EXPRESS')");
	return;
}
sql($node, 'CREATE ROLE stranger', 'GRANT USAGE ON SCHEMA workflow TO stranger');
create_express('waits', 'NULL');
create_express('waits_shortly', 'NULL', TimeoutSeconds => 1);
create_express('strange', q{'stranger'});
begin('caller', q{SELECT output ->> 'Input' FROM workflow.start_sync_execution('waits')});
ok(wait_until($node, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'caller' AND wait_event_type = 'Extension'", 1),
	'a synchronous execution waits');
$task = start_execution($node, 'work', input => '"late"');
is(finish('caller'), '"late"', 'and has a task');
stop_execution($node, $task);
is(sql($node, q{SELECT status, error FROM workflow.start_sync_execution('waits_shortly')}), 'FAILED|States.Timeout',
	'no longer than it may');
is(sql($node, q{SET statement_timeout = '30 s'}, q{SELECT status, output FROM workflow.start_sync_execution('strange')}),
	'SUCCEEDED|{}', 'nor for tasks that are not for it');
is(sql($node, q{SET statement_timeout = '30 s'}, 'BEGIN ISOLATION LEVEL REPEATABLE READ',
	q{SELECT status, output FROM workflow.start_sync_execution('waits')}, 'COMMIT'), 'SUCCEEDED|{}',
	'nor for those that it could not see');

$node->stop;
done_testing();
