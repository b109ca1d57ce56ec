# Workers come and go with databases, extensions and servers, and hold nobody up.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);
use WorkflowTest;

# Nothing here is found by who looks now and then only.
my $node = new_node('lifecycle', conf => 'workflow.safety_net = 1h');
my $nap = chain(Nap => task('public.nap'));

# A machine whose task sleeps for "seconds" and then leaves a row.
sub prepare
{
	my ($db) = @_;
	sql($node, { db => $db },
		'CREATE TABLE IF NOT EXISTS effect (seconds float)',
		'CREATE OR REPLACE FUNCTION nap(seconds float) RETURNS void LANGUAGE sql AS $$
			SELECT pg_sleep(seconds); INSERT INTO effect VALUES (seconds) $$');
	create_machine($node, 'nap', $nap, db => $db);
	return;
}
sub nap { my ($db, $seconds) = @_; return start_execution($node, 'nap', input => qq({"seconds": $seconds}), db => $db); }
sub runs { my ($db, $test) = @_; is(wait_for_end($node, nap($db, 0.01), db => $db), 'SUCCEEDED', $test); return; }

# A long task, running; longer than any test.
sub long_nap
{
	my ($db) = @_;
	my $id = nap($db, 86400);
	ok(wait_until($node, "SELECT count(*) > 0 FROM pg_stat_activity
		WHERE backend_type = 'workflow worker' AND datname = '$db' AND wait_event = 'PgSleep'"), "a task of $db sleeps");
	return $id;
}

# Does the action, which must not wait for the end of a task.
sub quickly
{
	my ($test, $action) = @_;
	local $ENV{PGOPTIONS} = "-c statement_timeout=${WorkflowTest::patience}s";
	my $begin = time();
	my $result = eval { $action->(); 1 };
	my $error = $@;
	ok($result, sprintf('%s does not wait (%.1f s)', $test, time() - $begin)) or diag($error);
	return;
}

prepare('app');
runs('app', 'a task runs');

# --- DROP EXTENSION, rolled back and not ---
long_nap('app');
quickly('DROP EXTENSION, rolled back', sub { sql($node, 'BEGIN; DROP EXTENSION workflow CASCADE; ROLLBACK') });
runs('app', 'goes on after a DROP EXTENSION that was rolled back');
long_nap('app');
quickly('DROP EXTENSION', sub { sql($node, 'DROP EXTENSION workflow CASCADE') });
ok(wait_until($node, "SELECT count(*) FROM pg_stat_activity
	WHERE backend_type IN ('workflow worker', 'workflow scheduler')", '0'), 'then no worker is left');
sql($node, 'BEGIN; CREATE EXTENSION workflow; ROLLBACK');
sleep 1;
is(scalar(backends($node, 'workflow scheduler')), 0, 'a CREATE EXTENSION that was rolled back starts nothing');
sql($node, 'CREATE EXTENSION workflow');
prepare('app');
runs('app', 'CREATE EXTENSION again, and a task runs');

# --- several databases ---
create_database($node, $_) for qw(second third);
prepare($_) for qw(second third);
my %id = map { $_ => nap($_, 0.1) } qw(app second third);
is(wait_for_end($node, $id{$_}, db => $_), 'SUCCEEDED', "a task runs in database $_") for sort keys %id;

# --- DROP DATABASE, RENAME, TEMPLATE, with a task running ---
long_nap('second');
quickly('DROP DATABASE', sub { sql($node, { db => 'postgres' }, 'DROP DATABASE second') });
my $before = long_nap('third');
quickly('ALTER DATABASE … RENAME', sub { sql($node, { db => 'postgres' }, 'ALTER DATABASE third RENAME TO renamed') });
runs('renamed', 'goes on under the new name');
is(status_of($node, $before, db => 'renamed'), 'RUNNING', 'and the task that ran is run again');
quickly('CREATE DATABASE … TEMPLATE',
	sub { sql($node, { db => 'postgres' }, 'CREATE DATABASE copied TEMPLATE renamed') });
runs('renamed', 'the original goes on');
is(status_of($node, $before, db => 'copied'), 'RUNNING', 'the copy has it too');
my $effects = sql($node, { db => 'copied' }, 'SELECT count(*) FROM effect');
my $still = nap('copied', 0.01);
sleep 2;
is(status_of($node, $still, db => 'copied'), 'RUNNING', 'but stands still');
is(sql($node, { db => 'copied' }, 'SELECT count(*) FROM effect'), $effects, 'and does nothing');
sql($node, { db => 'copied' }, 'SELECT workflow.resume()');
is(wait_for_end($node, $still, db => 'copied'), 'SUCCEEDED', 'until resume()');

# --- pg_dump beside running tasks ---
quickly('pg_dump', sub { command_ok([ 'pg_dump', '-d', $node->connstr('renamed'), '-f', '/dev/null' ], 'pg_dump') });

# --- processes that are terminated come back ---
for my $type ('workflow launcher', 'workflow scheduler', 'workflow worker')
{
	my %old = map { $_ => 1 } terminate_backend($node, $type);
	ok(scalar(keys %old), "$type is terminated");
	runs('app', "$type terminated: tasks run");
	next if $type eq 'workflow worker';
	my @new;
	wait_until($node, "SELECT count(*) > 0 FROM pg_stat_activity WHERE backend_type = '$type'");
	@new = backends($node, $type);
	ok(@new && !grep({ $old{$_} } @new), "$type comes back");
}

# One that is terminated when it has begun a task and not run it yet: the signal comes with that commit, and ends the process
# after it, in no transaction.
sql($node, 'CREATE SEQUENCE ends',
	'CREATE FUNCTION terminate() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN RETURN CASE WHEN nextval($q$public.ends$q$) = 1 AND pg_terminate_backend(pg_backend_pid()) THEN NULL END; END $$',
	'CREATE CONSTRAINT TRIGGER terminate AFTER UPDATE ON workflow.ready DEFERRABLE INITIALLY DEFERRED
		FOR EACH ROW WHEN (new.started) EXECUTE FUNCTION terminate()');
my $begun = nap('app', 0.01);
is(wait_for_end($node, $begun), 'SUCCEEDED', 'a worker terminated that has begun a task: it runs');
is(sql($node, "SELECT count(*) FROM workflow.history_events WHERE execution_id = $begun AND type = 'TaskStarted'"), '1',
	'and was begun once');
is(sql($node, 'SELECT is_called FROM ends'), 't', 'and terminated it was');
sql($node, 'DROP TRIGGER terminate ON workflow.ready');

# --- rows that a session has claimed and gives back ---
# While nothing else runs it claims them; then workers come, and pass them by; then it rolls back.
for my $rollback ('ROLLBACK', 'ROLLBACK TO before; COMMIT')
{
	$node->append_conf('postgresql.conf', 'workflow.workers = 0');
	$node->reload;
	# In other databases tasks go on that had begun.
	ok(wait_until($node, "SELECT count(*) FROM pg_stat_activity
		WHERE backend_type IN ('workflow worker', 'workflow scheduler') AND datname = 'app'", '0'), 'no worker is left');
	my $claimed = nap('app', 0.02);
	$node->append_conf('postgresql.conf', 'workflow.workers = 4');
	sql($node, 'BEGIN', 'SAVEPOINT before', 'SELECT workflow.run_until_idle()', 'SELECT pg_reload_conf()',
		'SELECT pg_sleep(2)', $rollback);
	is(wait_for_end($node, $claimed), 'SUCCEEDED', "what a session has claimed runs after its $rollback");
}

# --- another encoding ---
sql($node, { db => 'postgres' }, "CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
my ($code, $out, $err) = $node->psql('latin', 'CREATE EXTENSION workflow');
isnt($code, 0, 'a database of another encoding is refused');
like($err, qr/needs a database with the encoding UTF8/, 'and the error says why');

# --- fast shutdown and restart ---
my $interrupted = long_nap('app');
quickly('fast shutdown', sub { $node->stop('fast') });
$node->start;
runs('app', 'goes on after a restart');
is(status_of($node, $interrupted), 'RUNNING', 'and the task that was interrupted is run again');
is(sql($node, 'SELECT count(*) FROM effect WHERE seconds = 86400'), '0', 'its effects were rolled back');
my $log = slurp_file($node->logfile);
unlike($log, qr/PANIC|TRAP|terminated by signal (?!9)/, 'nothing crashed');
unlike($log, qr/is already held/, 'no process has left a hold behind');
$node->stop('fast');

# --- without preloading: workers start at the first use ---
$node = new_node('dynamic', preload => 0);
prepare('app');
runs('app', 'without shared_preload_libraries a task runs');
$node->restart;
is(wait_for_end($node, nap('app', 0.01)), 'SUCCEEDED', 'and after a restart, at the first use');
quickly('fast shutdown without preloading', sub { long_nap('app'); $node->stop('fast') });

done_testing();
