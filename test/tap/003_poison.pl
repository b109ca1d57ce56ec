# A task that kills its backend every time is parked after three crashes alone; no innocent one is.
#
# The function kills its own backend with -9 through COPY … TO PROGRAM, where $PPID is the backend; that takes a
# superuser, so the machine runs as one.  Assumed: the parked execution is FAILED with States.Runtime.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Test::More;
use WorkflowTest;

my $node = new_node('poison');
sql($node,
	'CREATE ROLE innocent LOGIN',
	'CREATE TABLE effect (execution text, state text)',
	'GRANT INSERT ON effect TO innocent',
	'CREATE FUNCTION poison() RETURNS void LANGUAGE plpgsql AS $$
		BEGIN
			COPY (SELECT 1) TO PROGRAM $q$kill -9 $PPID$q$;
			PERFORM pg_sleep(10);
		END $$',
	'CREATE FUNCTION good(execution text, state text) RETURNS void LANGUAGE plpgsql AS $$
		BEGIN
			PERFORM pg_sleep(0.2);
			INSERT INTO effect VALUES (execution, state);
		END $$');
my %parameters = (ResultPath => undef,
	Parameters => { 'execution.$' => '$$.Execution.Name', 'state.$' => '$$.State.Name' });
my $good = chain(A => task('public.good', %parameters), B => task('public.good', %parameters),
	C => task('public.good', %parameters));
create_machine($node, 'poison', chain(Poison => task('public.poison')));
create_machine($node, 'good', $good, run_as => 'innocent');
create_machine($node, 'good_beside', $good);    # the same role, so the same worker, as the poison

my @good = map { start_execution($node, $_ % 2 ? 'good' : 'good_beside', name => "before-$_") } 1 .. 20;
# In one transaction: the server may crash as soon as it has committed.
my $ids;
$node->psql('app', join(";\n", 'BEGIN', "SELECT workflow.start_execution('poison', '{}', 'poison')",
		(map { sprintf "SELECT workflow.start_execution('%s', '{}', 'after-$_')", $_ % 2 ? 'good' : 'good_beside' } 1 .. 20), 'COMMIT'),
	stdout => \$ids);
my ($poison, @after) = split /\n/, $ids;
push @good, @after;

ok(wait_until($node, "SELECT status FROM workflow.executions WHERE id = $poison", 'FAILED'), 'the poison is parked');
is(sql($node, "SELECT error FROM workflow.executions WHERE id = $poison"), 'States.Runtime', 'with an error');
like(sql($node, "SELECT cause FROM workflow.executions WHERE id = $poison"), qr/crash|died|killed/i, 'that says why');
my $crashes = () = PostgreSQL::Test::Utils::slurp_file($node->logfile) =~
  /"?workflow worker"?[^\n]* was terminated by signal 9/g;
cmp_ok($crashes, '>=', 3, 'after three crashes');
cmp_ok($crashes, '<=', 4, 'and at most one more, in company');

ok(wait_until($node, "SELECT count(*) FROM workflow.executions WHERE status = 'RUNNING'", '0'), 'all others end');
is(sql($node, "SELECT status, count(*) FROM workflow.executions WHERE id <> $poison GROUP BY 1"),
	'SUCCEEDED|' . @good, 'and succeed');
is(sql($node, 'SELECT count(*), count(DISTINCT (execution, state)) FROM effect'), join('|', (3 * @good) x 2),
	'with each effect once');

# A Retry would only crash the server again: States.Runtime is not caught by States.ALL, and is not retried.
is(sql($node, "SELECT count(*) FROM workflow.history_events WHERE execution_id = $poison AND type = 'ExecutionFailed'"),
	'1', 'its history ends with ExecutionFailed');
execution_like($node, start_execution($node, 'good'), 'SUCCEEDED', undef, 'the server stays usable');

# The whole server is killed at once, as when its container ends, while a task runs alone: nobody is to blame for that.
sql($node,
	'CREATE TABLE gate (open boolean)',
	'INSERT INTO gate VALUES (false)',
	'CREATE FUNCTION patient() RETURNS void LANGUAGE plpgsql AS $$
		BEGIN WHILE NOT (SELECT open FROM gate) LOOP PERFORM pg_sleep(0.1); END LOOP; END $$');
create_machine($node, 'patient', chain(Patient => task('public.patient')));
my $patient = start_execution($node, 'patient');
for my $round (1 .. 4)
{
	wait_until($node, "SELECT started AND EXISTS (SELECT FROM pg_stat_activity
		WHERE backend_type = 'workflow worker' AND wait_event = 'PgSleep') FROM workflow.ready WHERE execution_id = $patient");
	my @worker = backends($node, 'workflow worker');
	kill('STOP', $node->{_pid});    # it must not see its worker die
	kill('KILL', @worker);
	kill_postmaster($node);
}
sql($node, 'UPDATE gate SET open = true');
execution_like($node, $patient, 'SUCCEEDED', undef, 'a server that is killed four times gives up no task');
is(sql($node, 'SELECT count(*) FROM workflow.crashed_task'), '0', 'and counts nothing against it');

$node->stop;
done_testing();
