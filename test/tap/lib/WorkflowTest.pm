# WorkflowTest - what the tests with real servers share: a node with the extension, waiting, killing, short machines.
#
# Everything that depends on the extension's SQL interface (names of functions, arguments) and that more than one test
# needs is here, so that a change of the interface is made once.
package WorkflowTest;

use strict;
use warnings;

use Exporter 'import';
use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

our @EXPORT = qw(new_node settings create_database sql as_role session wait_until wait_for_server status_of task chain
  create_machine start_execution stop_execution wait_for_end execution_like backends kill_process kill_backend
  terminate_backend kill_postmaster run_pgbench json_text);

# How long anything may take before a test gives up.  What works takes a fraction of it on any machine; what does not would
# take for ever: where something else would find it in the end, its test puts that off beyond (workflow.safety_net).
our $patience = $ENV{PG_TEST_TIMEOUT_DEFAULT} || 180;

# A running server.  Parameters: workers (default 4), preload (default 1), conf (more lines), database (default "app",
# created with the extension; undef for none).
sub new_node
{
	my ($name, %param) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);
	$node->init;
	$node->append_conf('postgresql.conf', settings(%param));
	$node->start;
	my $database = exists $param{database} ? $param{database} : 'app';
	create_database($node, $database) if defined $database;
	return $node;
}

# Cluster.pm turns restart_after_crash off, which production does not.
sub settings
{
	my (%param) = @_;
	my $workers = $param{workers} // 4;
	my $conf = "restart_after_crash = on\nmax_worker_processes = 32\nworkflow.workers = $workers\n";
	$conf .= "shared_preload_libraries = 'workflow'\n" if $param{preload} // 1;
	return $conf . ($param{conf} // '') . "\n";
}

sub create_database
{
	my ($node, $database) = @_;
	$node->safe_psql('postgres', "CREATE DATABASE $database");
	$node->safe_psql($database, 'CREATE EXTENSION workflow');
	return;
}

# Runs SQL in "app" (or in another database, given first: sql($node, {db => 'x'}, 'SELECT …')); returns its output.
sub sql
{
	my $node = shift;
	my $option = ref $_[0] ? shift : {};
	return $node->safe_psql($option->{db} // 'app', join(";\n", @_));
}

# Runs SQL in "app" as another role; returns (exit code, output, error).  The error shows the SQLSTATE.
sub as_role
{
	my ($node, $role, $sql) = @_;
	my ($out, $err);
	my $code = $node->psql('app', "\\set VERBOSITY verbose\n$sql",
		stdout => \$out, stderr => \$err, on_error_stop => 1, extra_params => [ '-U', $role ]);
	return ($code, $out, $err);
}

# A psql that is told one thing after the other, in "app" (background_psql, with its parameters).  It may stay open as long as a
# whole test: the time that Cluster.pm gives it begins with its start, however little it is asked.
sub session
{
	my ($node, %param) = @_;
	return $node->background_psql('app', timeout => 10 * $patience, %param);
}

# psql, also while the server cannot be reached: it may be gone before it has read the query, and a write to it dies then.
# True if all went well.
sub try_psql
{
	my ($node, $database, $query, %param) = @_;
	my $code = eval { $node->psql($database, $query, %param) };
	return defined $code && $code == 0;
}

# Waits until the query gives the expected output ("t" if none is given), also while the server cannot be reached.
# True if it does in time.
sub wait_until
{
	my ($node, $query, $expected, %param) = @_;
	$expected //= 't';
	my $end = time() + ($param{timeout} // $patience);
	my ($out, $err) = ('', '');
	while (1)
	{
		$out = '';
		return 1 if try_psql($node, $param{db} // 'app', $query, stdout => \$out, stderr => \$err) && $out eq $expected;
		last if time() > $end;
		sleep($param{every} // 0.1);
	}
	diag("waited in vain for '$expected' of: $query\nlast: $out $err");
	return 0;
}

sub wait_for_server
{
	my ($node) = @_;
	return wait_until($node, 'SELECT true', 't', db => 'postgres');
}

# --- machines ---

sub json_text { return JSON::PP->new->canonical->encode($_[0]); }

# A Task state that calls a SQL function; further fields may be given, and Next or End.
sub task
{
	my ($function, %field) = @_;
	$field{End} = JSON::PP::true unless $field{Next};
	return { Type => 'Task', Resource => "function:$function", %field };
}

# A machine's definition: states one after the other, given as (name => state, …).  Each one's Next is set.
sub chain
{
	my @state = @_;
	my %definition = (StartAt => $state[0], States => {});
	while (my ($name, $state) = splice(@state, 0, 2))
	{
		$definition{States}{$name} = {%$state};
		next unless @state;
		delete $definition{States}{$name}{End};
		$definition{States}{$name}{Next} = $state[0];
	}
	return json_text(\%definition);
}

# run_as: the role; db: the database; definition: text.  The machine belongs to the superuser.
sub create_machine
{
	my ($node, $name, $definition, %param) = @_;
	my $run_as = $param{run_as} ? ", run_as => '$param{run_as}'" : '';
	sql($node, { db => $param{db} },
		"SELECT workflow.create_state_machine(name => '$name', definition => \$json\$$definition\$json\$$run_as)");
	return;
}

# Returns the execution's id.
sub start_execution
{
	my ($node, $machine, %param) = @_;
	my $input = $param{input} // '{}';
	my $name = $param{name} ? "'$param{name}'" : 'NULL';
	return sql($node, { db => $param{db} },
		"SELECT workflow.start_execution('$machine', \$json\$$input\$json\$::jsonb, $name)");
}

sub stop_execution
{
	my ($node, $id) = @_;
	return sql($node, "SELECT workflow.stop_execution($id)");
}

sub status_of
{
	my ($node, $id, %param) = @_;
	return sql($node, { db => $param{db} }, "SELECT status FROM workflow.executions WHERE id = $id");
}

# Waits for the end; returns the status it came to, or 'RUNNING' if it did not end in time.
sub wait_for_end
{
	my ($node, $id, %param) = @_;
	my $timeout = $param{timeout} // $patience;
	my $ok = wait_until($node, "SELECT status <> 'RUNNING' FROM workflow.executions WHERE id = $id", 't',
		timeout => $timeout, db => $param{db}, every => 0.05);
	diag(sql($node, { db => $param{db} }, "SELECT id, type, details FROM workflow.history_events
			WHERE execution_id = $id ORDER BY id DESC LIMIT 5")) unless $ok;
	return status_of($node, $id, %param);
}

# A test: the execution ends with this status, and (if given) this error.
sub execution_like
{
	my ($node, $id, $status, $error, $test) = @_;
	wait_for_end($node, $id);
	my $got = sql($node, "SELECT concat_ws(' ', status, error) FROM workflow.executions WHERE id = $id");
	is($got, join(' ', $status, $error // ()), $test)
	  or diag(sql($node, "SELECT cause FROM workflow.executions WHERE id = $id"));
	return;
}

# --- processes ---

# The pids of the processes of a type: 'workflow launcher', 'workflow scheduler', 'workflow worker'.
sub backends
{
	my ($node, $type, $database) = @_;
	my $where = $database ? " AND datname = '$database'" : '';
	my $out = '';
	try_psql($node, 'postgres', "SELECT pid FROM pg_stat_activity WHERE backend_type = '$type'$where", stdout => \$out);
	return split /\n/, $out;
}

# kill -9 of a process of the server.  When it is back the postmaster has noticed: all sessions are told to end, and nobody
# else gets in before it has recovered.  So wait_for_server waits for that, and no statement after it meets the crash.
sub kill_process
{
	my ($pid) = @_;
	kill('KILL', $pid) or return;
	my $end = time() + $patience;
	while (kill(0, $pid) && time() < $end) { sleep 0.01; }
	return $pid;
}

# That of one of a type, by chance.  Returns its pid, or nothing if there is none.
sub kill_backend
{
	my ($node, $type) = @_;
	my @pid = backends($node, $type) or return;
	return kill_process($pid[ rand @pid ]);
}

# pg_terminate_backend of all of a type; waits until they are gone.  Returns their pids.
sub terminate_backend
{
	my ($node, $type) = @_;
	my @pid = backends($node, $type) or return;
	$node->safe_psql('postgres', "SELECT pg_terminate_backend(pid, 1000 * $patience) FROM unnest(ARRAY[" . join(',', @pid) . ']) pid');
	return @pid;
}

# kill -9 of the postmaster, and a start.  Its children notice by themselves; until they are gone a start is refused.
sub kill_postmaster
{
	my ($node) = @_;
	$node->kill9;
	my $end = time() + $patience;
	while (!$node->start(fail_ok => 1))
	{
		die 'the server does not start after kill -9 of its postmaster' if time() > $end;
		sleep 0.2;
		$node->stop('fast', fail_ok => 1);    # Cluster.pm takes the old pid file for a running server
	}
	return;
}

# --- load ---

# Runs a script with pgbench: run_pgbench($node, $script, clients => 8, transactions => 100).  A test: it goes well.
sub run_pgbench
{
	my ($node, $script, %param) = @_;
	my $file = PostgreSQL::Test::Utils::tempdir() . '/script.sql';
	PostgreSQL::Test::Utils::append_to_file($file, $script);
	$node->command_ok([ 'pgbench', '-n', '-f', $file, '-c', $param{clients} // 8, '-j', 2,
			'-t', $param{transactions} // 100, '-d', $node->connstr($param{db} // 'app') ],
		$param{test} // 'pgbench');
	return;
}

1;
