# A chain of function tasks runs to its end with real workers, as two roles, each in a worker of its own.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Test::More;
use WorkflowTest;

my $node = new_node('chain');

sql($node,
	'CREATE ROLE alice LOGIN',
	'CREATE ROLE bob LOGIN',
	'CREATE TABLE visit (id serial, machine_role name, session_role name, pid int, step text, n int)',
	'GRANT INSERT ON visit TO alice, bob',
	'GRANT USAGE ON visit_id_seq TO alice, bob',
	'CREATE FUNCTION add_one(step text, n int) RETURNS jsonb LANGUAGE sql AS $$
		INSERT INTO visit (machine_role, session_role, pid, step, n)
			VALUES (current_user, session_user, pg_backend_pid(), step, n);
		SELECT jsonb_build_object($q$n$q$, n + 1) $$');

my $definition = chain(map { ("Step$_" => task('public.add_one',
	Parameters => { 'step.$' => '$$.State.Name', 'n.$' => '$.n' })) } 1 .. 5);
create_machine($node, "chain_$_", $definition, run_as => $_) for qw(alice bob);

my %id = map { $_ => start_execution($node, "chain_$_", input => '{"n": 10}', name => "first-of-$_") } qw(alice bob);
is(wait_for_end($node, $id{$_}), 'SUCCEEDED', "the chain of $_ succeeds") for qw(alice bob);

for my $role (qw(alice bob))
{
	is(sql($node, "SELECT output FROM workflow.executions WHERE id = $id{$role}"), '{"n":15}', "output of $role");
	is(sql($node, "SELECT string_agg(step || ' ' || n, ', ' ORDER BY id) FROM visit WHERE machine_role = '$role'"),
		'Step1 10, Step2 11, Step3 12, Step4 13, Step5 14', "the steps of $role, once and in order");
}
is(sql($node, 'SELECT count(*) FROM visit WHERE session_role <> machine_role'), '0',
	'a task has its role as session user too');
is(sql($node, 'SELECT count(*) FROM visit a JOIN visit b USING (pid) WHERE a.machine_role <> b.machine_role'), '0',
	'no process serves two roles');

is(sql($node, "SELECT string_agg(type, ' ' ORDER BY id) FROM workflow.history_events WHERE execution_id = $id{alice}"),
	join(' ', 'ExecutionStarted', ('TaskStateEntered TaskScheduled TaskStarted TaskSucceeded TaskStateExited') x 5,
		'ExecutionSucceeded'),
	'history');
is(sql($node, "SELECT count(*) = max(id) AND min(id) = 1 AND bool_and(previous_id = CASE WHEN id <= 2 THEN 0 ELSE id - 1 END)
		FROM workflow.history_events WHERE execution_id = $id{bob}"), 't', 'event ids without gaps, each after the one before (the first state after none)');

# A start belongs to its transaction.
sql($node, "BEGIN; SELECT workflow.start_execution('chain_alice', '{\"n\": 0}', 'never'); ROLLBACK");
my $after = start_execution($node, 'chain_alice', input => '{"n": 100}');
is(wait_for_end($node, $after), 'SUCCEEDED', 'the next one succeeds');
is(sql($node, "SELECT count(*) FROM workflow.executions WHERE name = 'never'"), '0', 'rolled back: never happened');
is(sql($node, 'SELECT count(*) FROM visit WHERE n BETWEEN 0 AND 4'), '0', 'rolled back: never ran');

# wait_for_execution, and its refusal of what can never end.
is(sql($node, "SELECT workflow.wait_for_execution($after)"), 'SUCCEEDED', 'wait_for_execution');
my ($code, $out, $err) = $node->psql('app', "BEGIN;
	SELECT workflow.wait_for_execution(workflow.start_execution('chain_alice', '{\"n\": 1}'));");
isnt($code, 0, 'waiting for what the same transaction started is an error');

# An SQL error is the task's error under its condition's name.
sql($node, 'CREATE FUNCTION divide(n int) RETURNS int LANGUAGE sql AS $$ SELECT 1 / n $$');
create_machine($node, 'divide', chain(Divide => task('public.divide')), run_as => 'alice');
execution_like($node, start_execution($node, 'divide', input => '{"n": 0}'), 'FAILED', 'division_by_zero',
	'an SQL error fails the execution under its name');

$node->stop;
done_testing();
