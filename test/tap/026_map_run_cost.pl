# What a Map Run costs does not grow with what is behind it: neither beside an old snapshot, which keeps all that its turns
# have counted and replaced, nor in the lists and the purges of its machine.  Counted in entries of indexes, never in time.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Test::More;
use WorkflowTest;

my $items = 8000;
# Batches are as large as they may be, however slow the machine is.
my $node = new_node('map_run_cost', workers => 2, conf => "workflow.safety_net = '100ms'\nworkflow.batch_budget = '1s'");
create_machine($node, 'mapped', json_text({ StartAt => 'M', States => { M => { Type => 'Map', End => JSON::PP::true,
	ToleratedFailurePercentage => 100, ResultPath => undef, ItemProcessor => { ProcessorConfig => { Mode => 'DISTRIBUTED',
		ExecutionType => 'STANDARD' }, StartAt => 'P', States => { P => { Type => 'Pass', End => JSON::PP::true } } } } } }));

# Entries of a table's indexes that were looked at since the last call: what a process counts it tells when it ends.
my %seen;

sub looked_at
{
	my ($table) = @_;
	sql($node, q{SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE backend_type LIKE 'workflow worker%'});
	my $now = sql($node, "SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE schemaname = 'workflow' AND relname = '$table'");
	my $before = $seen{$table} // 0;
	$seen{$table} = $now;
	return $now - $before;
}

# An old snapshot.
my $holder = session($node);
$holder->query_safe('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM workflow.map_run;');
my $id = start_execution($node, 'mapped', input => '[' . join(',', 1 .. $items) . ']');
execution_like($node, $id, 'SUCCEEDED', undef, 'a Map beside an old snapshot');
my $ended = looked_at('map_ended');
my $progress = looked_at('map_progress');
cmp_ok($ended, '<', 20 * $items, "ends are counted from where they were announced: $ended entries");
cmp_ok($progress, '<', 20 * $items, "of the progress the newest version is found at once: $progress entries");
$holder->quit;

# Lists, figures and purges of the machine do not step over the children.
start_execution($node, 'mapped', input => '[]') for 1 .. 3;
wait_until($node, q{SELECT count(*) FROM workflow.executions WHERE status = 'RUNNING'}, '0');

sub looked_at_by
{
	my ($statement) = @_;
	my $output = sql($node, 'BEGIN', $statement, q{SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))
		FROM pg_stat_xact_user_tables WHERE schemaname = 'workflow' AND relname IN ('execution', 'execution_end', 'map_run')},
		'ROLLBACK');
	return (split /\n/, $output)[-1];
}
sql($node, 'VACUUM ANALYZE workflow.execution, workflow.execution_end');
for my $statement (q{SELECT count(*) FROM workflow.list_executions('mapped')},
	q{SELECT count(*) FROM workflow.list_executions('mapped', 'SUCCEEDED')},
	q{SELECT started FROM workflow.state_machine_metrics WHERE state_machine = 'mapped'},
	map { "SELECT workflow.api('ListExecutions', jsonb_build_object('mapRunArn', (SELECT arn FROM workflow.map_runs WHERE items = $items), "
		. "'statusFilter', '$_', 'maxResults', 5)) IS NOT NULL" } qw(SUCCEEDED FAILED RUNNING))
{
	my $looks = looked_at_by($statement);
	cmp_ok($looks, '<', 100, "$statement: $looks rows");
}
is(sql($node, q{SELECT started, succeeded FROM workflow.state_machine_metrics}), '4|4', 'whose figures are those of its own executions');

# Children stay as long as their Map Run is under way, and a purge does not look at them; then they leave with it.
sql($node, q{CALL workflow.purge('0', 'mapped')});
is(sql($node, q{SELECT (SELECT count(*) FROM workflow.execution), (SELECT count(*) FROM workflow.execution_end),
		(SELECT count(*) FROM workflow.map_run), (SELECT count(*) FROM workflow.map_limit),
		(SELECT count(*) FROM workflow.map_progress)}), '0|0|0|0|0', 'Map Runs leave with all that is theirs');
create_machine($node, 'running', json_text({ StartAt => 'M', States => { M => { Type => 'Map', End => JSON::PP::true,
	ItemProcessor => { ProcessorConfig => { Mode => 'DISTRIBUTED', ExecutionType => 'STANDARD' }, StartAt => 'W', States => {
		W => { Type => 'Wait', SecondsPath => '$', End => JSON::PP::true } } } } } }));
$id = start_execution($node, 'running', input => '[1000000' . ',0' x 500 . ']');
wait_until($node, 'SELECT count(*) FROM workflow.execution_end', '500');
wait_until($node, 'SELECT succeeded FROM workflow.map_runs', '500');
my $looks = looked_at_by(q{CALL workflow.purge('0', 'running')});
cmp_ok($looks, '<', 100, "a purge beside a Map Run: $looks rows");
is(sql($node, 'SELECT count(*) FROM workflow.execution_end'), '500', 'which has its children yet');
sql($node, q{SELECT workflow.set_retention('running', '0')}, q{SELECT workflow.delete_state_machine('running')});
ok(wait_until($node, q{SELECT (SELECT count(*) FROM workflow.state_machine WHERE name = 'running') +
		(SELECT count(*) FROM workflow.execution) + (SELECT count(*) FROM workflow.map_run) + (SELECT count(*) FROM workflow.map_ended) +
		(SELECT count(*) FROM workflow.map_limit) + (SELECT count(*) FROM workflow.map_progress)}, '0'),
	'a deleted machine leaves with its last Map Run');
done_testing();
