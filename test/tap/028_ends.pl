# Whatever way an execution or an attempt ends, nothing of it stays behind: also where the interpreter cannot end it.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use IPC::Run ();
use JSON::PP ();
use Test::More;
use WorkflowTest;

my $node = new_node('ends', conf => "workflow.workers_per_role = 3");
sql($node,
	'CREATE ROLE clerk LOGIN',
	'GRANT USAGE ON SCHEMA workflow TO clerk',
	'CREATE TABLE gate (opened boolean)',
	'GRANT ALL ON gate TO clerk',
	# keeps its worker until the gate is opened, and fails then
	'CREATE FUNCTION wait_at_gate(token text) RETURNS void LANGUAGE plpgsql AS $$
		BEGIN
			WHILE NOT EXISTS (SELECT FROM gate) LOOP PERFORM pg_sleep(0.05); END LOOP;
			PERFORM workflow.raise($q$Closed$q$, $q$too late$q$);
		END $$',
	"SELECT workflow.create_activity('act')");

my %end = (End => JSON::PP::true);
my %long = (Type => 'Wait', Seconds => 86400, %end);

sub branch { my ($name, $state) = @_; return { StartAt => $name, States => { $name => $state } }; }

create_machine($node, 'wait', chain(Wait => {%long}), run_as => 'clerk');
create_machine($node, 'everything', chain(Out => { Type => 'Parallel', %end, Branches => [
	branch(Rest => {%long}),
	branch(Act => { Type => 'Task', Resource => 'activity:act', TimeoutSeconds => 1000, %end }),
	branch(Child => { Type => 'Task', Resource => 'states:startExecution.sync', Parameters => { StateMachineArn => 'wait' }, %end }),
	branch(Ask => { Type => 'Task', Resource => 'notify:bell.waitForTaskToken', TimeoutSeconds => 1000, HeartbeatSeconds => 900, %end }),
	branch(Gate => task('public.wait_at_gate.waitForTaskToken', Parameters => { 'token.$' => '$$.Task.Token' })),
	branch(Map => { Type => 'Map', ItemsPath => '$.items', MaxConcurrency => 3, %end, ItemProcessor => {
		ProcessorConfig => { Mode => 'DISTRIBUTED', ExecutionType => 'STANDARD' }, %{ branch(Item => {%long}) } } }),
] }), run_as => 'clerk');

sub token_of
{
	my ($id) = @_;
	return sql($node, "SELECT details -> 'parameters' ->> 'token' FROM workflow.history_events
		WHERE execution_id = $id AND type = 'TaskScheduled' AND details -> 'parameters' -> 'token' IS NOT NULL ORDER BY id DESC LIMIT 1");
}

sub nothing_is_left
{
	my ($test) = @_;
	my @tables = qw(ready timer inbox frame live_execution activity_task awaited_execution map_item map_ended crashed_task);
	my $query = join(', ', map { "(SELECT count(*) FROM workflow.$_) AS $_" } @tables);
	ok(wait_until($node, "SELECT (SELECT string_agg(key, ' ') FROM json_each_text(row_to_json(x)) WHERE value <> '0') IS NULL
		FROM (SELECT $query) x"), "$test: nothing is left")
	  or diag(sql($node, "SELECT row_to_json(x) FROM (SELECT $query) x", "SELECT * FROM workflow.inbox"));
	return;
}

# --- an execution that cannot be read, with everything out ---

my $broken = start_execution($node, 'everything', input => '{"items": [1, 2, 3, 4, 5, 6, 7]}');
ok(wait_until($node, "SELECT count(*) FROM workflow.executions WHERE status = 'RUNNING'", 5), 'its children run');
ok(wait_until($node, "SELECT count(*) FROM workflow.history_events WHERE execution_id = $broken AND type = 'TaskSubmitted'", 2),
	'its tasks wait');
ok(wait_until($node, "SELECT count(*) FROM workflow.tasks WHERE status = 'started'", 1), 'one runs');
sql($node, "SELECT workflow.send_task_success('" . token_of($broken) . "', '1')");
ok(wait_until($node, "SELECT count(*) FROM workflow.inbox WHERE not_before = 'infinity'", 1), 'and has its answer already');
sql($node, "UPDATE workflow.frame SET memory = '[]' WHERE execution_id = $broken AND state_name = 'Rest'",
	"SELECT workflow.stop_execution($broken)");
execution_like($node, $broken, 'FAILED', 'States.Runtime', 'who cannot be read is failed');
ok(wait_until($node, "SELECT count(*) FROM workflow.executions WHERE status = 'RUNNING'", 0), 'its children come to an end');
ok(wait_until($node, 'SELECT status, started, aborted FROM workflow.map_runs', 'ABORTED|3|3'), 'and its Map Run');
ok(wait_until($node, "SELECT count(*) FROM workflow.workers WHERE kind = 'worker' AND execution_id IS NOT NULL", 0), 'no task runs on');
nothing_is_left('failed by force');

# --- a Map Run whose execution is gone ---

create_machine($node, 'map', chain(Map => { Type => 'Map', MaxConcurrency => 2, %end, ItemProcessor => {
	ProcessorConfig => { Mode => 'DISTRIBUTED', ExecutionType => 'STANDARD' }, %{ branch(Item => {%long}) } } }), run_as => 'clerk');
my $orphan = start_execution($node, 'map', input => '[1, 2, 3, 4, 5]');
ok(wait_until($node, "SELECT count(*) FROM workflow.timer", 2), 'a Map Run');
sql($node, map { "DELETE FROM workflow.$_ WHERE execution_id = $orphan" } qw(frame live_execution));
sql($node, "SELECT workflow.stop_execution(id) FROM workflow.execution WHERE map_index = 0 AND map_run_id = (SELECT max(id) FROM workflow.map_run)");
ok(wait_until($node, "SELECT status FROM workflow.map_runs WHERE execution_id = $orphan", 'ABORTED'), 'whose execution is gone ends');
ok(wait_until($node, "SELECT count(*) FROM workflow.execution WHERE map_run_id = (SELECT max(id) FROM workflow.map_run)
	AND NOT EXISTS (SELECT FROM workflow.execution_end x WHERE x.execution_id = id)", 0), 'with its children');
nothing_is_left('a Map Run without its execution');

# --- an answer whose attempt fails ---

create_machine($node, 'gate', chain(Gate => task('public.wait_at_gate.waitForTaskToken', Parameters => { 'token.$' => '$$.Task.Token' })),
	run_as => 'clerk');
my $early = start_execution($node, 'gate');
ok(wait_until($node, "SELECT count(*) FROM workflow.tasks WHERE status = 'started'", 1), 'a task runs');
sql($node, "SELECT workflow.send_task_success('" . token_of($early) . "', '1')");
ok(wait_until($node, "SELECT count(*) FROM workflow.inbox WHERE not_before = 'infinity'", 1), 'its answer is set aside');
sql($node, 'INSERT INTO gate VALUES (true)');
execution_like($node, $early, 'FAILED', 'Closed', 'the attempt fails');
nothing_is_left('an attempt that fails');

# --- the child that counts is what the work has started, not what its deferred triggers start ---

sql($node,
	'GRANT CREATE ON SCHEMA public TO clerk',
	'SET ROLE clerk',
	'CREATE TABLE order_line (i int)',
	'CREATE FUNCTION start_wait() RETURNS trigger LANGUAGE plpgsql AS
		$$ BEGIN PERFORM workflow.start_execution($q$wait$q$); RETURN NULL; END $$',
	'CREATE CONSTRAINT TRIGGER late AFTER INSERT ON order_line DEFERRABLE INITIALLY DEFERRED
		FOR EACH ROW EXECUTE FUNCTION start_wait()',
	'CREATE FUNCTION job() RETURNS void LANGUAGE sql AS
		$$ INSERT INTO order_line VALUES (1); SELECT workflow.start_execution($q$short$q$); $$');
create_machine($node, 'short', chain(Done => { Type => 'Succeed' }), run_as => 'clerk');
create_machine($node, 'job', chain(Job => { Type => 'Task', Resource => 'function:public.job.sync', %end }), run_as => 'clerk');
execution_like($node, start_execution($node, 'job'), 'SUCCEEDED', undef, 'a job waits for what it has started');
is(sql($node, "SELECT count(*) FROM workflow.executions WHERE state_machine = 'wait' AND status = 'RUNNING'"), '1',
	'and not for what its deferred trigger has started');
sql($node, "SELECT workflow.stop_execution(id) FROM workflow.executions WHERE state_machine = 'wait' AND status = 'RUNNING'");
nothing_is_left('a job');

# --- who joins an execution that is about to end is told, or finds its name taken ---

create_machine($node, 'moment', chain(Until => { Type => 'Wait', TimestampPath => '$.until' }, Done => { Type => 'Succeed' }),
	run_as => 'clerk');
create_machine($node, 'join', chain(Until => { Type => 'Wait', TimestampPath => '$.from' },
	Join => { Type => 'Task', Resource => 'states:startExecution.sync:2', ResultPath => '$.child', %end,
		Parameters => { StateMachineArn => 'moment', 'Name.$' => '$.name', Input => { 'until.$' => '$.until' } } }), run_as => 'clerk');
my $time = q{to_char(now() AT TIME ZONE 'UTC' + %s, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')};
my $until = sprintf $time, "interval '1 s' + i * interval '20 ms'";
my $from = sprintf $time, "(CASE WHEN j = 0 THEN interval '0' ELSE interval '1 s' + i * interval '20 ms' + (j - 3) * interval '5 ms' END)";
sql($node, "SELECT count(workflow.start_execution('join', jsonb_build_object('name', 'moment-' || i, 'until', $until, 'from', $from)))
	FROM generate_series(1, 80) i, generate_series(0, 4) j");
ok(wait_until($node, "SELECT count(*) FROM workflow.executions WHERE state_machine IN ('join', 'moment') AND status = 'RUNNING'", 0),
	'all who join come to their end');
is(sql($node, "SELECT count(*) FROM workflow.executions WHERE state_machine = 'join' AND status = 'SUCCEEDED'
	AND output #>> '{child,Status}' IS DISTINCT FROM 'SUCCEEDED'"), '0', 'none before the end');
is(sql($node, "SELECT DISTINCT error FROM workflow.executions WHERE state_machine = 'join' AND status <> 'SUCCEEDED'
	AND error <> 'StepFunctions.ExecutionAlreadyExistsException'"), '', 'or have come too late');
note(sql($node, "SELECT status, count(*) FROM workflow.executions WHERE state_machine = 'join' GROUP BY 1"));
nothing_is_left('joined');

$node->stop;
done_testing();
