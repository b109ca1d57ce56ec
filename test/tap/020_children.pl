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
ok(wait_until($node, "SELECT string_agg(DISTINCT status, ',') FROM workflow.executions WHERE parent_id = $waiting[0]", 'ABORTED'),
	'and who is between them');
my $looked_at = q{SELECT idx_tup_read FROM pg_stat_user_indexes WHERE indexrelname = 'inbox_abandoned'};
my $before = sql($node, $looked_at);
sql($node, 'SELECT workflow.stop_execution(id) FROM unnest(ARRAY[' . join(',', @waiting) . ']) id');
ok(wait_until($node, running('%'), '0'), 'all are stopped');
cmp_ok(sql($node, $looked_at) - $before, '<', 10 * @waiting, 'each looks at its own mark, not at those of all');
is(sql($node, 'SELECT count(*) FROM workflow.awaited_execution'), '0', 'nobody is awaited any more');

# --- a machine that starts itself for ever, directly and from a distributed Map: faster, maybe, than stops are carried out ---
create_machine($node, 'mapping', chain(Map => { Type => 'Map', ItemsPath => '$.items', ItemSelector => { 'items.$' => '$.items' },
	End => JSON::PP::true, ItemProcessor => { ProcessorConfig => { Mode => 'DISTRIBUTED', ExecutionType => 'STANDARD' },
	StartAt => 'Child', States => { Child => child('mapping', '.sync') } } }), run_as => 'clerk');
for my $machine ('endless', 'mapping')
{
	my $root = start_execution($node, $machine, input => '{"items": [1]}');
	ok(wait_until($node, "SELECT count(*) > 50 FROM workflow.executions WHERE state_machine = '$machine'"), "$machine starts itself");
	stop_execution($node, $root);
	ok(wait_until($node, running($machine), '0'), 'and does not run away from its stop');
}

# What came too late for who has ended, the scheduler clears away in its time.
my $waits = 'SELECT (SELECT count(*) FROM workflow.awaited_execution), (SELECT count(*) FROM workflow.inbox)';

# --- ends and stops meet: whichever comes first, nothing waits for ever ---
create_machine($node, 'moment', chain(Until => { Type => 'Wait', TimestampPath => '$.until' }, Done => { Type => 'Succeed' }),
	run_as => 'clerk');
create_machine($node, 'meeting', chain(Child => child('moment', '.sync')), run_as => 'clerk');
sql($node, q{SELECT workflow.start_execution('meeting', jsonb_build_object('until',
	to_char(now() AT TIME ZONE 'UTC' + interval '2 s' + i * interval '3 ms', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))) FROM generate_series(1, 400) i});
ok(wait_until($node, "SELECT count(*) > 60 FROM workflow.executions WHERE status = 'SUCCEEDED' AND state_machine = 'moment'",
		't', every => 0.01), 'the first ones end');
sql($node, "SELECT workflow.stop_execution(id) FROM workflow.executions WHERE state_machine = 'meeting' AND status = 'RUNNING'");
ok(wait_until($node, running('%'), '0'), 'all come to an end');
is(sql($node, "SELECT count(*) FROM workflow.executions p JOIN workflow.executions c ON c.parent_id = p.id
	WHERE p.state_machine = 'meeting' AND p.status = 'SUCCEEDED' AND c.status <> 'SUCCEEDED'"), '0',
	'none has succeeded whose child has not');
ok(wait_until($node, $waits, '0|0'), 'nothing is left of the waits');
note(sql($node, "SELECT string_agg(s, ', ') FROM (SELECT state_machine || ' ' || status || ' ' || count(*) AS s FROM workflow.executions
	WHERE state_machine IN ('meeting', 'moment') GROUP BY state_machine, status) x"));

# --- Credentials: in a worker of the machine's role, and yet nobody but the other one ---
sql($node,
	'CREATE ROLE guest',
	'GRANT guest TO clerk',
	'ALTER ROLE clerk SET search_path = somewhere, public',
	'CREATE TABLE visit (who text DEFAULT current_user, really text)',
	'GRANT INSERT ON visit, effect TO guest',
	'CREATE FUNCTION note_visit() RETURNS trigger LANGUAGE plpgsql AS
		$$ BEGIN INSERT INTO effect VALUES (current_user, $q$trigger$q$); RETURN NULL; END $$',
	'CREATE TABLE late_visit (x int)',
	'GRANT INSERT ON late_visit TO guest',
	'CREATE TRIGGER note AFTER INSERT ON visit FOR EACH ROW EXECUTE FUNCTION note_visit()',
	'CREATE CONSTRAINT TRIGGER note AFTER INSERT ON late_visit DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note_visit()',
	'CREATE FUNCTION visit(how text) RETURNS text LANGUAGE plpgsql AS $$
		BEGIN
			EXECUTE how;
			INSERT INTO visit (really) VALUES (session_user);
			RETURN current_user || $q$ $q$ || current_setting($q$search_path$q$);
		END $$');
create_machine($node, 'visit', chain(Visit => task('public.visit', Credentials => { RoleArn => 'guest' })), run_as => 'clerk');
terminate_backend($node, 'workflow worker');    # the next ones know the new search_path
my $visit = start_execution($node, 'visit', input => '{"how": "SELECT"}');
execution_like($node, $visit, 'SUCCEEDED', undef, 'a task runs as the role of its Credentials');
is(sql($node, "SELECT output #>> '{}' FROM workflow.executions WHERE id = $visit"), 'guest somewhere, public',
	"with the settings of the machine's role");
is(sql($node, "SELECT who, really, (SELECT execution FROM effect WHERE state = 'trigger') FROM visit"), 'guest|clerk|guest',
	'its triggers, too');
for my $how ('INSERT INTO late_visit VALUES (1)', 'SET ROLE clerk', 'RESET ROLE', 'SET SESSION AUTHORIZATION clerk', 'RESET SESSION AUTHORIZATION')
{
	execution_like($node, start_execution($node, 'visit', input => json_text({ how => $how })), 'FAILED',
		'insufficient_privilege', "$how is refused");
}
for my $how ('CREATE TEMPORARY TABLE t (x int)', 'DECLARE c CURSOR WITH HOLD FOR SELECT 1')
{
	is(wait_for_end($node, start_execution($node, 'visit', input => json_text({ how => $how }))), 'FAILED', "$how is refused");
}

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
ok(wait_until($node, $waits, '0|0'), 'nothing is left of the waits');

$node->stop;
done_testing();
