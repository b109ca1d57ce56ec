# Tokens and rights in circumstances that the other tests do not have.
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

# --- what a role was given that has been dropped is nobody's in a copy, where its OID may be another's ---

for my $role (qw(gone kept))
{
	sql($node, "CREATE ROLE $role", "SELECT workflow.grant_activity('act', '$role', 'poll')",
		"SELECT workflow.grant_state_machine('m', '$role', 'read')",
		"SELECT workflow.map_resource('arn:*:$role', 'function:public.f', '$role')");
}
sql($node, "SELECT workflow.grant_activity('act', 'public', 'poll')", "SELECT workflow.grant_state_machine('m', 'public', 'start')",
	"SELECT workflow.map_resource('arn:*', 'function:public.f')", 'DROP ROLE gone');
$node->safe_psql('postgres', 'CREATE DATABASE copy');
command_ok([ 'pg_dump', '-f', $node->basedir . '/dump', '-d', $node->connstr('app') ], 'pg_dump');
command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('copy'), '-f', $node->basedir . '/dump' ], 'psql');
is( sql($node, { db => 'copy' },
		'SELECT activity_id, grantee FROM workflow.activity_privilege UNION ALL
		 SELECT state_machine_id, grantee FROM workflow.state_machine_privilege UNION ALL
		 SELECT 0, owner FROM workflow.resource_mapping ORDER BY 1, 2'),
	"0|-\n0|kept\n1|-\n1|-\n1|kept\n1|kept",
	'only those that are there');

$told .= "\\q\n";
$session->finish;
done_testing();
