# What one execution's slow function does to others: short work does not wait for it, and what nobody has run yet is found
# out by one run.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Test::More;
use WorkflowTest;

my $node = new_node('neighbour', workers => 2, conf => "workflow.batch_budget = '1s'\nworkflow.worker_idle_timeout = '1h'");
sql($node, <<'SQL');
CREATE ROLE clerk LOGIN;
CREATE ROLE baker LOGIN;
CREATE SCHEMA shop;
GRANT USAGE ON SCHEMA shop TO clerk, baker;
CREATE TABLE shop.target (execution text, xid xid8 DEFAULT pg_current_xact_id());
GRANT ALL ON ALL TABLES IN SCHEMA shop TO clerk, baker;
CREATE FUNCTION shop.first(execution text) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN INSERT INTO shop.target VALUES (execution); END $$;
CREATE FUNCTION shop.blocked(execution text) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_advisory_xact_lock_shared(4711); END $$;
SQL
my %parameters = (Parameters => { 'execution.$' => '$$.Execution.Name' });
for my $role (qw(clerk baker))
{
	create_machine($node, "$role\_fast", chain(First => task('shop.first', %parameters)), run_as => $role);
	create_machine($node, "$role\_blocked", chain(First => task('shop.blocked', %parameters)), run_as => $role);
}

my $running = q{SELECT count(*) FROM workflow.executions WHERE status = 'RUNNING' AND state_machine};

sub start
{
	my ($machine, $n, $name) = @_;
	sql($node, "SELECT count(workflow.start_execution('$machine', '{}', '$name-' || i)) FROM generate_series(1, $n) i");
	return;
}

# --- the first run of a function ---

my $n = 200;
start('clerk_fast', $n, 'first');
ok(wait_until($node, "$running = 'clerk_fast'", '0'), 'the first executions of a function end');
is(sql($node, 'SELECT count(*), count(DISTINCT execution) FROM shop.target'), "$n|$n", 'each has had its effect once');
my $commits = sql($node, 'SELECT count(DISTINCT xid) FROM shop.target');
cmp_ok($commits, '<', $n / 2, "one of them has found out for the others: $n in $commits transactions");

# --- more functions that take long than there are workers ---

my $blocker = session($node);
$blocker->query_safe('SELECT pg_advisory_lock(4711)');
start('clerk_blocked', 5, 'slow');
ok(wait_until($node, q{SELECT count(*) > 0 FROM pg_stat_activity WHERE backend_type = 'workflow worker' AND wait_event = 'advisory'}),
	'a function takes long');
start('clerk_fast', $n, 'beside');
ok(wait_until($node, "$running = 'clerk_fast'", '0'), 'short work of the same role goes on beside it');
start('baker_fast', $n, 'beside');
ok(wait_until($node, "$running = 'baker_fast'", '0'), 'and of another');
is(sql($node, "$running = 'clerk_blocked'"), '5', 'while all of the slow are still there');
$blocker->query_safe('SELECT pg_advisory_unlock(4711)');
ok(wait_until($node, "$running LIKE '%'", '0'), 'which end, too, in their time');

# --- one worker does everything ---

$node->append_conf('postgresql.conf', 'workflow.workers = 1');
$node->restart;
start('clerk_blocked', 3, 'only');
start('clerk_fast', 3, 'only');
ok(wait_until($node, "$running LIKE '%'", '0'), 'a role with one worker has slow and short work done');

$blocker->quit;
$node->stop;
done_testing();
