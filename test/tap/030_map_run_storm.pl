# Map Runs of every kind side by side, in a storm: they end in all ways, are stopped, changed and given up, their machines are
# deleted, and processes are killed meanwhile.  In the end each is over, its figures are what became of its children, and
# nothing is left of what they needed on their way.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use PostgreSQL::Test::Utils;
use Test::More;
use WorkflowTest;

my $seed = $ENV{WORKFLOW_TEST_SEED} // time;
srand($seed);
note("seed $seed");
my $true = JSON::PP::true;
my $node = new_node('map_run_storm', workers => 4, conf => "workflow.safety_net = '200ms'");

# A child whose item is negative fails; one of a hundred or more waits that long; the others end at once.
sub processor
{
	my ($item, $type) = @_;
	return { ProcessorConfig => { Mode => 'DISTRIBUTED', ExecutionType => $type // 'STANDARD' }, StartAt => 'C', States => {
		C => { Type => 'Choice', Default => 'P', Choices => [
			{ Variable => $item, NumericLessThan => 0, Next => 'F' }, { Variable => $item, NumericGreaterThanEquals => 100, Next => 'W' } ] },
		F => { Type => 'Fail', Error => 'Negative' }, P => { Type => 'Pass', End => $true },
		W => { Type => 'Wait', SecondsPath => $item, End => $true } } };
}
my %map = (Type => 'Map', End => $true, ItemsPath => '$.items', ResultPath => undef, ItemProcessor => processor('$'));
my $again = { ErrorEquals => ['States.ExceedToleratedFailureThreshold'], IntervalSeconds => 0, MaxAttempts => 1 };
sql($node, q{CREATE TABLE file (key text)},
	q{CREATE FUNCTION put("Key" text, "Body" text) RETURNS void LANGUAGE sql AS 'INSERT INTO file VALUES ("Key")'});
my %machine = (
	tolerant => { %map, ToleratedFailurePercentage => 100, MaxConcurrency => 7 },
	strict => { %map, MaxConcurrency => 5 },
	retried => { %map, Retry => [$again] },
	written => { %map, ToleratedFailureCount => 3, MaxConcurrency => 20,
		ResultWriter => { Resource => 'function:public.put', Parameters => {} } },
	read => { %map, ToleratedFailurePercentage => 100, ItemReader => { Resource => 'sql:query', Parameters => {
		Query => 'SELECT CASE WHEN i % 50 = 0 THEN -1 ELSE 1 END AS i FROM generate_series(1, 700) i' } }, ItemProcessor => processor('$.i') },
	batched => { %map, ToleratedFailureCount => 0, ItemBatcher => { MaxItemsPerBatch => 3 }, ItemProcessor => processor('$.Items[0]') },
);
delete $machine{read}{ItemsPath};
create_machine($node, $_, json_text({ StartAt => 'M', States => { M => $machine{$_} } })) for sort keys %machine;

# A Map in children of a Map, and beside a branch that fails.
create_machine($node, 'nested', json_text({ StartAt => 'M', States => { M => { %map, ToleratedFailurePercentage => 100, ItemProcessor => {
	ProcessorConfig => { Mode => 'DISTRIBUTED', ExecutionType => 'STANDARD' }, StartAt => 'N', States => { N => { Type => 'Map', End => $true,
		ItemsPath => '$', MaxConcurrency => 2, ItemProcessor => processor('$', 'EXPRESS') } } } } } }));
create_machine($node, 'branched', json_text({ StartAt => 'B', States => { B => { Type => 'Parallel', End => $true,
	Catch => [{ ErrorEquals => ['States.ALL'], Next => 'Caught' }], Branches => [
		{ StartAt => 'M', States => { M => \%map } },
		{ StartAt => 'T', States => { T => { Type => 'Wait', SecondsPath => '$.wait', Next => 'G' }, G => { Type => 'Fail', Error => 'Branch' } } } ] },
	Caught => { Type => 'Pass', End => $true } } }));
create_machine($node, 'doomed', json_text({ StartAt => 'M', States => { M => { %map, MaxConcurrency => 3 } } }));

sub items
{
	my ($n, $failing, $waiting) = @_;
	return [map { my $dice = rand; $dice < $failing ? -1 : $dice < $failing + $waiting ? 100 : 1 } 1 .. $n];
}
my %input = (
	tolerant => sub { { items => items(100, 0.1, 0) } }, strict => sub { { items => items(60, 0.05, 0.1) } },
	retried => sub { { items => items(40, 0.05, 0.2) } }, written => sub { { items => items(80, 0.03, 0) } },
	read => sub { {} }, batched => sub { { items => items(50, 0.1, 0) } },
	nested => sub { { items => [map { items(5, 0.1, 0) } 1 .. 8] } }, branched => sub { { items => items(50, 0, 0.3), wait => int(rand(2)) } },
	doomed => sub { { items => items(200, 0, 0.5) } });
my @machines = sort keys %input;
my @ids;
my $kills = 0;
for my $round (1 .. 40)
{
	push @ids, start_execution($node, $_, input => json_text($input{$_}->())) for map { $machines[rand @machines] } 1 .. 3;
	my $dice = int rand 8;
	if ($dice == 0) { $kills++ if kill_backend($node, 'workflow worker') }
	elsif ($dice == 1) { $kills++ if kill_backend($node, 'workflow scheduler') }
	elsif ($dice == 2) { sql($node, "SELECT count(workflow.stop_execution(id)) FROM workflow.executions WHERE id = $ids[rand @ids] AND status = 'RUNNING'") }
	elsif ($dice == 3) { sql($node, q{SELECT count(workflow.stop_execution(id)) FROM (SELECT id FROM workflow.executions
		WHERE status = 'RUNNING' AND type = 'STANDARD' AND map_run_id IS NOT NULL ORDER BY random() LIMIT 10) c}) }
	elsif ($dice == 4) { sql($node, q{DO $$ DECLARE run text; BEGIN
		FOR run IN SELECT arn FROM workflow.map_runs WHERE status = 'RUNNING' LOOP
			BEGIN PERFORM workflow.update_map_run(run, 1 + (random() * 10)::int, tolerated_failure_count => (random() * 5)::int);
			EXCEPTION WHEN OTHERS THEN IF SQLERRM NOT LIKE '%COMPLETED_MAP_RUN%' AND SQLERRM NOT LIKE '%not found%' THEN RAISE; END IF; END;
		END LOOP; END $$}) }
	wait_for_server($node) if $dice < 2;
}
note("$kills kills");
# A machine is deleted with all that it runs; what still waits in the others is stopped.
sql($node, q{SELECT workflow.set_retention('doomed', '0')}, q{SELECT workflow.delete_state_machine('doomed')});
ok(wait_until($node, q{SELECT count(*) FROM workflow.state_machine WHERE name = 'doomed'}, '0'), 'a machine is deleted amid its Map Runs');
sql($node, q{SELECT count(workflow.stop_execution(id)) FROM workflow.executions WHERE status = 'RUNNING' AND map_run_id IS NULL});
ok(wait_until($node, q{SELECT (SELECT count(*) FROM workflow.executions WHERE status = 'RUNNING') + (SELECT count(*) FROM workflow.ready)}, '0'),
	'all come to an end');
is(sql($node, q{SELECT (SELECT count(*) FROM workflow.map_item), (SELECT count(*) FROM workflow.map_ended), (SELECT count(*) FROM workflow.ready),
	(SELECT count(*) FROM workflow.timer), (SELECT count(*) FROM workflow.frame), (SELECT count(*) FROM workflow.live_execution)}),
	'0|0|0|0|0|0', 'nothing is left');
is(sql($node, q{SELECT count(*) FROM workflow.map_runs WHERE status = 'RUNNING' OR stopped_at IS NULL}), '0', 'no Map Run is under way');
is(sql($node, q{SELECT r.id, r.state_machine, r.status, r.started, r.succeeded, r.failed, r.aborted, c.* FROM workflow.map_runs r CROSS JOIN LATERAL (
		SELECT count(*) AS n, count(*) FILTER (WHERE status = 'SUCCEEDED') AS s, count(*) FILTER (WHERE status = 'FAILED') AS f,
			count(*) FILTER (WHERE status = 'ABORTED') AS a, coalesce(sum(map_items), 0) AS items FROM workflow.executions e WHERE e.map_run_id = r.id) c
	WHERE (r.started, r.succeeded, r.failed, r.aborted, r.items_started) IS DISTINCT FROM (c.n, c.s, c.f, c.a, c.items)}), '',
	'the figures of each are what became of its children');
is(sql($node, q{SELECT r.id, r.state_machine FROM workflow.map_runs r WHERE r.status = 'SUCCEEDED' AND r.items_started <> r.items}), '',
	'one that has succeeded has left out no item');
is(sql($node, q{SELECT r.id, r.state_machine, e.status, r.status FROM workflow.map_runs r JOIN workflow.executions e ON e.id = r.execution_id
	WHERE (e.status = 'SUCCEEDED' AND r.status <> 'SUCCEEDED' AND r.state_machine NOT IN ('branched', 'retried'))
		OR (e.status = 'ABORTED' AND r.status = 'RUNNING')}), '', 'and each execution ended as its Map Run did');
sql($node, q{CALL workflow.purge('0')});
is(sql($node, q{SELECT (SELECT count(*) FROM workflow.execution), (SELECT count(*) FROM workflow.execution_end), (SELECT count(*) FROM workflow.map_run),
	(SELECT count(*) FROM workflow.map_limit), (SELECT count(*) FROM workflow.map_progress), (SELECT count(*) FROM workflow.history)}),
	'0|0|0|0|0|0', 'all of it can be purged');
# A copy of one that is under way goes on where it was, and an extension goes with all that runs.  One item waits until the
# copy has been made.
sql($node, q{CREATE TABLE effect (item int)}, q{CREATE TABLE copied ()}, q{CREATE FUNCTION work(item int) RETURNS void LANGUAGE plpgsql AS 'BEGIN
		WHILE item = 500 AND NOT EXISTS (SELECT FROM copied) LOOP PERFORM pg_sleep(0.05); END LOOP;
		INSERT INTO effect VALUES (item); END'});
create_machine($node, 'copied', json_text({ StartAt => 'M', States => { M => { Type => 'Map', End => $true, MaxConcurrency => 4,
	ItemReader => { Resource => 'sql:query', Parameters => { Query => 'SELECT i AS item FROM generate_series(1, 1500) i' } },
	ItemBatcher => { MaxItemsPerBatch => 3 }, ItemProcessor => { ProcessorConfig => { Mode => 'DISTRIBUTED', ExecutionType => 'STANDARD' },
		StartAt => 'I', States => { I => { Type => 'Map', ItemsPath => '$.Items', End => $true, ItemProcessor => { StartAt => 'T', States => {
			T => task('public.work', End => $true) } } } } }, ResultPath => undef } } }));
my $copied = start_execution($node, 'copied');
wait_until($node, 'SELECT count(*) > 100 FROM effect');
command_ok([ 'pg_dump', '-f', $node->basedir . '/dump', '-d', $node->connstr('app') ], 'a dump amid a Map Run');
sql($node, 'INSERT INTO copied DEFAULT VALUES');
execution_like($node, $copied, 'SUCCEEDED', undef, 'which goes on');
$node->safe_psql('postgres', 'CREATE DATABASE copy');
command_ok([ 'psql', '-Xqv', 'ON_ERROR_STOP=1', '-d', $node->connstr('copy'), '-f', $node->basedir . '/dump' ], 'restored');
my $done = sql($node, { db => 'copy' }, 'SELECT count(*) FROM effect');
cmp_ok($done, '<', 1500, "in the copy $done items have been worked on");
sql($node, { db => 'copy' }, 'INSERT INTO copied DEFAULT VALUES', 'SELECT workflow.resume()');
ok($node->poll_query_until('copy', q{SELECT status = 'SUCCEEDED' FROM workflow.map_runs}), 'it goes on there, too');
is(sql($node, { db => 'copy' }, q{SELECT count(*), count(DISTINCT item) FROM effect}), '1500|1500', 'each item was worked on once');
is(sql($node, { db => 'copy' }, q{SELECT items_succeeded, started, succeeded, (SELECT count(*) FROM workflow.map_ended) FROM workflow.map_runs}),
	'1500|500|500|0', 'and counted once');
sql($node, { db => 'copy' }, q{SELECT workflow.start_execution('copied')});
$node->poll_query_until('copy', 'SELECT count(*) > 1500 FROM effect');
sql($node, { db => 'copy' }, 'DROP EXTENSION workflow CASCADE', 'CREATE EXTENSION workflow', 'DROP EXTENSION workflow');

unlike(slurp_file($node->logfile), qr/ERROR:  .*(Map Run|frame|memory|missing|disappeared)|States\.Runtime|TRAP|PANIC/, 'and nothing surprised the engine');
$node->stop;
done_testing();
