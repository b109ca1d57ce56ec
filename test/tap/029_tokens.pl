# Tokens, and who answers with them, in circumstances that the other tests of workers do not have.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use IPC::Run ();
use PostgreSQL::Test::Utils;
use Test::More;
use WorkflowTest;

my $node = new_node('tokens');

# A session that is told one thing after the other; what it has said since is returned.
my ($told, $said) = ('', '');
my $session = IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('app') ], '<', \$told, '>', \$said, '2>&1');

sub in_session
{
	my ($sql) = @_;
	$said = '';
	$told .= "$sql;\n\\echo done\n";
	$session->pump until $said =~ s/^done\n\z//m;
	chomp $said;
	return $said;
}

# A transaction may be older than everything: its snapshot does not know the installation, but the token is good.
is(in_session('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM workflow.executions'), '0', 'nothing is there');
sql($node, "SELECT workflow.create_activity('act')");
create_machine($node, 'm', chain(S => { Type => 'Task', Resource => 'activity:act', End => JSON::PP::true }));
my $id = start_execution($node, 'm');
my $token = sql($node, "SELECT task_token FROM workflow.get_activity_task('act')");
is(in_session("SELECT workflow.send_task_success('$token', '1'); COMMIT"), '', 'a token is younger than who answers with it');
is(wait_for_end($node, $id), 'SUCCEEDED', 'and ends its task');

$told .= "\\q\n";
$session->finish;
done_testing();
