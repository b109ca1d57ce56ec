# Retention by itself: the scheduler deletes what has been kept long enough, while others run, and nothing else.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use IPC::Run ();
use PostgreSQL::Test::Utils;
use Test::More;
use WorkflowTest;

my $node = new_node('retention', conf => "workflow.safety_net = '100ms'");
my $pass = chain(Pass => { Type => 'Pass', End => JSON::PP::true });
create_machine($node, $_, $pass) for qw(short kept deleted);
create_machine($node, 'waits', chain(Wait => { Type => 'Wait', Seconds => 86400, End => JSON::PP::true }));
my $waits = start_execution($node, 'waits');
sql($node, q{SELECT count(workflow.start_execution(m)) FROM unnest('{short,kept,deleted}'::text[]) m, generate_series(1, 500)});
ok(wait_until($node, 'SELECT count(*) FROM workflow.execution_end', '1500'), 'executions have ended');

sql($node, q{SELECT workflow.set_retention(m, '0') FROM unnest('{short,deleted,waits}'::text[]) m},
	q{SELECT workflow.delete_state_machine('deleted')});
ok(wait_until($node, q{SELECT count(*) FROM workflow.executions WHERE state_machine = 'short'}, '0'),
	'those of a short retention leave by themselves');
ok(wait_until($node, q{SELECT count(*) FROM workflow.state_machine WHERE name = 'deleted'}, '0'),
	'a deleted machine leaves with its last execution');
is(sql($node, q{SELECT count(*) FROM workflow.executions WHERE state_machine = 'kept'}), '500', 'the others stay');
is(status_of($node, $waits), 'RUNNING', 'what has not ended stays, whatever the retention');
is(sql($node, 'SELECT count(DISTINCT execution_id) FROM workflow.history'), '501', 'histories go with their executions');

# The setting counts where a machine says nothing, also when it is said of this database alone.
sql($node, 'ALTER DATABASE app SET workflow.retention = 0');
terminate_backend($node, 'workflow scheduler');
ok(wait_until($node, 'SELECT count(*) FROM workflow.execution_end', '0'), 'workflow.retention of the database');

# Whoever waits for what ends and is purged before he looks again is told so: his process stands still meanwhile.
sql($node, q{SELECT workflow.set_retention('waits', '1 day')});
my ($in, $out, $err) = ("SELECT pg_backend_pid();\nSELECT workflow.wait_for_execution($waits, '1 hour');\n", '', '');
my $waiter = IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('app') ], '<', \$in, '>', \$out, '2>', \$err);
IPC::Run::pump($waiter) until $out =~ /^(\d+)\n/;
my ($pid) = $out =~ /^(\d+)/;
ok(wait_until($node, "SELECT wait_event_type FROM pg_stat_activity WHERE pid = $pid", 'Extension'), 'a session waits');
kill('STOP', $pid);
sql($node, "SELECT workflow.stop_execution($waits)");
ok(wait_until($node, "SELECT status FROM workflow.executions WHERE id = $waits", 'ABORTED'), 'it ends');
sql($node, q{CALL workflow.purge('0', 'waits')});
kill('CONT', $pid);
IPC::Run::finish($waiter);
like($err, qr/ExecutionDoesNotExist/, 'who waits for what has been purged is told');

# What is purged while somebody reads it: he is told, at whichever of his steps.
sql($node, q{SELECT count(workflow.start_execution('short')) FROM generate_series(1, 1)}, q{SELECT workflow.set_retention('short', '1 day')});
ok(wait_until($node, q{SELECT status FROM workflow.executions WHERE state_machine = 'short'}, 'SUCCEEDED'), 'an execution has ended');
my $read = sql($node, q{SELECT id FROM workflow.executions WHERE state_machine = 'short'});
my $purger = session($node);
$purger->query_safe('BEGIN');
$purger->query_safe('LOCK TABLE workflow.history');
($out, $err) = ('', '');
my $reader = IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('app'), '-c',
	"SELECT count(*) FROM workflow.get_execution_history($read)" ], '>', \$out, '2>', \$err);
ok(wait_until($node, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%get_execution_history%' AND wait_event_type = 'Lock'", '1'),
	'a session reads its history');
$purger->query_safe(q{CALL workflow.purge('0', 'short')});
$purger->query_safe('COMMIT');
$purger->quit;
IPC::Run::finish($reader);
like($err, qr/ExecutionDoesNotExist/, 'and is told that it is gone');

# While a purge has not committed, executions start and end.
# A scheduler reads the settings of its database when it starts.
sql($node, 'ALTER DATABASE app RESET workflow.retention');
terminate_backend($node, 'workflow scheduler');
ok(wait_until($node, q{SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'workflow scheduler'}, '1'),
	'another scheduler comes');
sql($node, q{SELECT count(workflow.start_execution('kept')) FROM generate_series(1, 100)});
ok(wait_until($node, 'SELECT count(*) FROM workflow.execution_end', '100'), 'executions have ended');
my $session = session($node);
$session->query_safe('BEGIN');
$session->query_safe(q{CALL workflow.purge('0', 'kept')});
is(wait_for_end($node, start_execution($node, 'kept')), 'SUCCEEDED', 'nobody waits for a purge');
$session->query_safe('COMMIT');
$session->quit;
is(sql($node, q{SELECT count(*) FROM workflow.executions WHERE state_machine = 'kept'}), '1', 'and it purges what had ended');

# A sweep does not wait for who has locked a table: it would keep the timers and stops of all others waiting.
sql($node, q{SELECT workflow.set_retention('waits', '1 day')});
my $locker = session($node);
$locker->query_safe('BEGIN');
$locker->query_safe('LOCK TABLE workflow.execution_name IN SHARE MODE');
sql($node, q{SELECT workflow.set_retention('kept', '0')});
my $tried = 0;
for (1 .. $WorkflowTest::patience)
{
	last if $tried = slurp_file($node->logfile) =~ /canceling statement due to lock timeout/;
	sleep 1;
}
ok($tried, 'a sweep meets a lock, and gives up for this time');
my $next = start_execution($node, 'waits');
stop_execution($node, $next);
is(wait_for_end($node, $next), 'ABORTED', 'and the scheduler goes on');
cmp_ok(sql($node, q{SELECT count(*) FROM workflow.executions WHERE state_machine = 'kept'}), '>', 0, 'what was to go is still there');
$locker->query_safe('COMMIT');
$locker->quit;
ok(wait_until($node, q{SELECT count(*) FROM workflow.executions WHERE state_machine = 'kept'}, '0'), 'the next sweep takes it');

$node->stop;
done_testing();
