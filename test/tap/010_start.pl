# Starting is transactional, also under load: what was committed runs once, what was rolled back never.
#
# Many sessions start executions side by side; half of them roll back, some after a savepoint only.  Each start stands
# beside an ordinary row of the same transaction.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Test::More;
use WorkflowTest;

my $node = new_node('start', conf => "max_prepared_transactions = 10\nworkflow.safety_net = 1h");
sql($node,
	'CREATE TABLE wanted (name text PRIMARY KEY)',
	'CREATE TABLE effect (name text)',
	'CREATE SEQUENCE number',
	'CREATE FUNCTION work(name text) RETURNS void LANGUAGE sql AS $$ INSERT INTO effect VALUES (name) $$');
create_machine($node, 'work', chain(Work => task('public.work')));

# One transaction for pgbench (which quotes no variables: the name is made of a number).
sub script
{
	my ($begin, $end) = @_;
	return "SELECT nextval('number') AS n \\gset\n$begin;\nINSERT INTO wanted VALUES ('n' || :n);\n"
	  . "SELECT workflow.start_execution('work', jsonb_build_object('name', 'n' || :n), 'n' || :n);\n$end;\n";
}
run_pgbench($node, script('BEGIN', 'COMMIT') . script('BEGIN', 'ROLLBACK')
	  . script("BEGIN;\nSAVEPOINT s", "ROLLBACK TO s;\nCOMMIT") . script("BEGIN;\nSAVEPOINT s", "RELEASE s;\nCOMMIT"),
	clients => 8, transactions => 50);

is(sql($node, 'SELECT count(*) FROM wanted'), '800', 'half of the transactions are committed');
ok(wait_until($node, "SELECT count(*) FROM workflow.executions WHERE status = 'RUNNING'", '0'), 'all end');
is(sql($node, "SELECT count(*) FROM workflow.executions WHERE status = 'SUCCEEDED'"), '800', 'and succeed');
is(sql($node, 'SELECT count(*), count(DISTINCT name) FROM effect'), '800|800', 'each runs once');
is(sql($node, 'SELECT count(*) FROM effect FULL JOIN wanted USING (name) WHERE effect IS NULL OR wanted IS NULL'), '0',
	'what was committed, and nothing else');

# Two-phase commit: the start counts when the transaction is committed, however late, and wakes a worker then.
sql($node, "BEGIN; SELECT workflow.start_execution('work', '{\"name\": \"prepared\"}', 'prepared'); PREPARE TRANSACTION 'p'");
sql($node, "BEGIN; SELECT workflow.start_execution('work', '{\"name\": \"dropped\"}', 'dropped'); PREPARE TRANSACTION 'd'");
$node->restart;
is(sql($node, "SELECT count(*) FROM workflow.executions WHERE name IN ('prepared', 'dropped')"), '0', 'prepared: not started');
sql($node, "COMMIT PREPARED 'p'");
sql($node, "ROLLBACK PREPARED 'd'");
ok(wait_until($node, "SELECT status FROM workflow.executions WHERE name = 'prepared'", 'SUCCEEDED'),
	'COMMIT PREPARED starts it, without the safety net');
is(sql($node, "SELECT count(*) FROM effect WHERE name = 'dropped'"), '0', 'ROLLBACK PREPARED does not');

$node->stop;
done_testing();
