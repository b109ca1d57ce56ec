# Idle costs nothing: with the extension in three databases and nothing due, no transaction runs and hardly a process wakes.
# Prints the figures per minute.  The looks of the safety net come on top: it is an hour away, so that none is counted by chance.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Test::More;
use Time::HiRes qw(sleep);
use WorkflowTest;

my $seconds = 20;
my @database = qw(app second third);
my $node = new_node('idle', conf => "workflow.safety_net = 1h\nworkflow.worker_idle_timeout = '1s'\nautovacuum = off");
create_database($node, $_) for qw(second third);
for my $db (@database)
{
	# A wait far away: a timer is set, and not due.
	create_machine($node, 'wait', chain(Wait => { Type => 'Wait', Seconds => 86400, End => JSON::PP::true }), db => $db);
	create_machine($node, 'pass', chain(Pass => { Type => 'Pass', End => JSON::PP::true }), db => $db);
	start_execution($node, 'wait', db => $db);
	is(wait_for_end($node, start_execution($node, 'pass', db => $db), db => $db), 'SUCCEEDED', "work is done in $db");
}
ok(wait_until($node, "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'workflow worker'", '0', db => 'postgres'),
	'the pool shrinks to nothing');
# A session tells of its transactions when it ends, and psql does not wait for that.
ok(wait_until($node, "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND datname <> 'postgres'", '0',
		db => 'postgres'), 'no session is left');
my @process = (backends($node, 'workflow launcher'), backends($node, 'workflow scheduler'));
is(scalar @process, 1 + @database, 'a launcher, and a scheduler for each database');
sleep 2;

# A wake-up is a voluntary context switch.
sub wakeups
{
	my $n = 0;
	for my $pid (@process)
	{
		open(my $status, '<', "/proc/$pid/status") or next;
		$n += $1 for map { /^voluntary_ctxt_switches:\s*(\d+)/ ? $1 : () } <$status>;
	}
	return $n;
}
# Transactions in the three databases; the test itself looks from another one.
sub transactions
{
	return $node->safe_psql('postgres', "SELECT sum(xact_commit + xact_rollback) FROM pg_stat_database
		WHERE datname IN ('app', 'second', 'third')");
}
my ($wakeups, $transactions) = (wakeups(), transactions());
sleep $seconds;
$wakeups = wakeups() - $wakeups;
$transactions = transactions() - $transactions;
note(sprintf('idle, three databases: %.1f transactions/min, %.1f wake-ups/min of %d processes',
	60 / $seconds * $transactions, 60 / $seconds * $wakeups, scalar @process));
cmp_ok($transactions, '<=', 2 * @database, 'hardly a transaction');
cmp_ok($wakeups, '<=', 8 * @process, 'hardly a wake-up');
is(join(' ', sort { $a <=> $b } backends($node, 'workflow launcher'), backends($node, 'workflow scheduler')),
	join(' ', sort { $a <=> $b } @process), 'the same processes as before');
ok(wait_until($node, "SELECT count(*) FROM pg_stat_activity
	WHERE backend_type LIKE 'workflow %' AND backend_xmin IS NOT NULL", '0', db => 'postgres'), 'no snapshot is held');

# And still there.
my $id = start_execution($node, 'pass', db => 'second');
is(wait_for_end($node, $id, db => 'second'), 'SUCCEEDED', 'and work is done');

$node->stop;
done_testing();
