# What a Map Run costs does not grow with what is behind it: neither beside an old snapshot, which keeps all that its turns
# have counted and replaced, nor in the lists and the purges of its machine.  Counted in entries of indexes, never in time.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Test::More;
use WorkflowTest;

my $items = 4000;
my $node = new_node('map_run_cost', workers => 2);
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
my $holder = $node->background_psql('app');
$holder->query_safe('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM workflow.map_run;');
my $id = start_execution($node, 'mapped', input => '[' . join(',', 1 .. $items) . ']');
execution_like($node, $id, 'SUCCEEDED', undef, 'a Map beside an old snapshot');
my $ended = looked_at('map_ended');
my $progress = looked_at('map_progress');
cmp_ok($ended, '<', 20 * $items, "ends are counted from where they were announced: $ended entries");
cmp_ok($progress, '<', 20 * $items, "of the progress the newest version is found at once: $progress entries");
$holder->quit;
done_testing();
