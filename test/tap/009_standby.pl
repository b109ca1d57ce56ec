# On a standby nothing runs and all views can be read; after a promotion every execution goes on where it stood.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Test::More;
use Time::HiRes qw(sleep);
use WorkflowTest;

my $primary = PostgreSQL::Test::Cluster->new('primary');
$primary->init(allows_streaming => 1);
$primary->append_conf('postgresql.conf', settings());
$primary->start;
create_database($primary, 'app');
sql($primary,
	'CREATE TABLE effect (execution text, state text)',
	'CREATE FUNCTION work(execution text, state text) RETURNS void LANGUAGE sql AS $$
		INSERT INTO effect VALUES (execution, state); SELECT pg_sleep(0.02) $$');
my %parameters = (ResultPath => undef,
	Parameters => { 'execution.$' => '$$.Execution.Name', 'state.$' => '$$.State.Name' });
my @state = map { "S$_" } 1 .. 5;
create_machine($primary, 'chain', chain(map { ($_ => task('public.work', %parameters)) } @state));
create_machine($primary, 'wait', chain(Wait => { Type => 'Wait', Seconds => 3 }, After => task('public.work', %parameters)));

$primary->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
$standby->start;

my $n = 200;
sql($primary, "SELECT count(workflow.start_execution('chain', '{}', 'e' || i)) FROM generate_series(1, $n) i",
	"SELECT count(workflow.start_execution('wait', '{}', 'w' || i)) FROM generate_series(1, 10) i");
ok(wait_until($primary, 'SELECT count(*) > 100 FROM effect'), 'work is under way');
$primary->wait_for_catchup($standby, 'replay', $primary->lsn('insert'));

is(scalar(backends($standby, 'workflow scheduler')) + scalar(backends($standby, 'workflow worker')), 0,
	'nothing runs on the standby');
for my $view (qw(executions history_events live_states workers))
{
	my ($code, $out, $err) = $standby->psql('app', "SELECT count(*) >= 0 FROM workflow.$view");
	is($code, 0, "view $view can be read there") or diag($err);
}
my ($code) = $standby->psql('app', "SELECT workflow.start_execution('chain')");
isnt($code, 0, 'nothing can be started there');

# The primary dies; the standby takes over, with what it has.
$primary->stop('immediate');
$standby->promote;
ok(wait_until($standby, "SELECT count(*) FROM workflow.executions WHERE status = 'RUNNING'", '0'),
	'after the promotion all executions come to their ends');
is(sql($standby, 'SELECT status, count(*) FROM workflow.executions GROUP BY 1'), 'SUCCEEDED|' . ($n + 10), 'and succeed');
is(sql($standby, 'SELECT count(*), count(DISTINCT (execution, state)) FROM effect'), join('|', (5 * $n + 10) x 2),
	'with each effect once');
$standby->stop;
done_testing();
