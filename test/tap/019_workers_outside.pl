# Workers outside: they wait, take turns, die and answer; and their tokens outlive crashes and dumps.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use IPC::Run ();
use PostgreSQL::Test::Utils;
use Test::More;
use WorkflowTest;

my $node = new_node('origin');
sql($node,
	'CREATE TABLE asked (token text)',
	"CREATE FUNCTION ask(token text) RETURNS text LANGUAGE sql AS \$\$ INSERT INTO asked VALUES (token); SELECT 'asked' \$\$",
	# as long as somebody holds the lock 1, it is under way
	"CREATE FUNCTION ask_slowly(token text) RETURNS text LANGUAGE sql AS \$\$
		SELECT pg_advisory_xact_lock_shared(1); INSERT INTO asked VALUES (token); SELECT 'asked' \$\$",
	"SELECT workflow.create_activity('act')");
create_machine($node, 'activity', chain(S => { Type => 'Task', Resource => 'activity:act', End => JSON::PP::true }));
create_machine($node, $_, chain(S => task("public.$_.waitForTaskToken", Parameters => { 'token.$' => '$$.Task.Token' })))
  for qw(ask ask_slowly);

# A session of its own that runs SQL; its application_name is given.
my %session;

sub begin
{
	my ($name, @sql) = @_;
	my $session = $session{$name} = { out => '', err => '' };
	local $ENV{PGAPPNAME} = $name;
	$session->{run} = IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('app'), map { ('-c', $_) } @sql ],
		'>', \$session->{out}, '2>', \$session->{err});
	return;
}

sub finish
{
	my ($name) = @_;
	my $session = delete $session{$name};
	IPC::Run::finish($session->{run});
	chomp $session->{out};
	return $session->{out};
}

# Sleeps in wait for work; a function's place in the order is taken by then.
sub waits
{
	my ($name, $n) = @_;
	return wait_until($node, "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE '$name%'
		AND wait_event_type = 'Extension' AND state IN ('active', 'idle in transaction')", $n // 1);
}

my $take = "CALL workflow.get_activity_task('act', 'w', '1 hour', NULL, NULL)";
my $take_and_answer = "SELECT workflow.send_task_success(task_token, input::jsonb) FROM workflow.get_activity_task('act', 'w', '10 min')";
my $take_and_keep = "SELECT task_token FROM workflow.get_activity_task('act', 'w', '10 min'); SELECT pg_sleep(86400)";

# --- waiting ---

begin('first', $take);
ok(waits('first'), 'a worker waits');
is(sql($node, "SELECT backend_xmin IS NULL AND backend_xid IS NULL FROM pg_stat_activity WHERE application_name = 'first'"),
	't', 'and holds no snapshot');
begin('second', $take);
waits('second');
my $one = start_execution($node, 'activity', input => '{"n": 1}');
my ($token, $input) = split /\|/, finish('first');
is($input, '{"n":1}', 'who came first is served first');
my $two = start_execution($node, 'activity', input => '{"n": 2}');
like(finish('second'), qr/\|\{"n":2\}$/, 'then the second');
sql($node, "SELECT workflow.send_task_success('$token', '1')");
is(wait_for_end($node, $one), 'SUCCEEDED', 'an answer ends the task');
stop_execution($node, $two);

# --- many ---

my $n = 20;
begin("many $_", $take_and_answer) for 1 .. $n;
ok(waits('many', $n), "$n workers wait");
sql($node, "SELECT count(workflow.start_execution('activity', to_jsonb(i), 'many-' || i)) FROM generate_series(1, $n) i");
ok(wait_until($node, "SELECT count(*), count(DISTINCT output::text) FROM workflow.executions WHERE name LIKE 'many-%' AND status = 'SUCCEEDED'",
		"$n|$n"), 'each takes one of as many tasks');
finish("many $_") for 1 .. $n;

# Beside an old snapshot the tasks that have been taken stay in the index: nobody steps over all of them.
my $holder = $node->background_psql('app');
$holder->query_safe('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM workflow.activities;');
my $offers = 600;
sql($node, "SELECT count(workflow.start_execution('activity', name => 'offer-' || i)) FROM generate_series(1, $offers) i");
wait_until($node, 'SELECT waiting FROM workflow.activities', $offers);
sql($node, "DO \$\$ BEGIN FOR i IN 1 .. $offers LOOP
	PERFORM workflow.send_task_success(task_token) FROM workflow.get_activity_task('act', 'w', '0 s'); COMMIT; END LOOP; END \$\$");
ok(wait_until($node, "SELECT count(*) FROM workflow.executions WHERE name LIKE 'offer-%' AND status = 'SUCCEEDED'", $offers),
	'beside an old snapshot');
my $read = sql($node, "SELECT idx_tup_read FROM pg_stat_all_indexes WHERE indexrelid = 'workflow.activity_task_pkey'::regclass");
cmp_ok($read, '<', 100 * $offers, "those who take tasks do not step over all that have been taken: $read entries");
$holder->quit;

# --- who takes a task and does not commit ---

my $three = start_execution($node, 'activity');
begin('holder', $take_and_keep);
ok(wait_until($node, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'holder' AND wait_event = 'PgSleep'", 1),
	'one takes it');
begin('heir', $take_and_answer);
ok(waits('heir'), 'another waits');
sql($node, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'holder'");
is(wait_for_end($node, $three), 'SUCCEEDED', 'who inherits it when the first is terminated');
finish($_) for qw(holder heir);

begin('loser', "BEGIN", "SAVEPOINT s", "SELECT task_token FROM workflow.get_activity_task('act', 'w', '10 min')",
	"SELECT pg_advisory_xact_lock(2)", "ROLLBACK TO s", "SELECT pg_sleep(86400)");
begin('gate', "SELECT pg_advisory_lock(2)", "SELECT pg_sleep(86400)");
wait_until($node, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 2 AND granted", 1);
my $four = start_execution($node, 'activity');
wait_until($node, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 2 AND NOT granted", 1);
begin('heir', $take_and_answer);
waits('heir');
sql($node, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'gate'");
is(wait_for_end($node, $four), 'SUCCEEDED', 'likewise when it is rolled back to a savepoint');
sql($node, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'loser'");
finish($_) for qw(loser gate heir);

my $five = start_execution($node, 'activity');
begin('holder', $take_and_keep);
wait_until($node, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'holder' AND wait_event = 'PgSleep'", 1);
kill_process(sql($node, "SELECT pid FROM pg_stat_activity WHERE application_name = 'holder'"));
finish('holder');
ok(wait_for_server($node), 'after a crash');
sql($node, $take_and_answer);
is(wait_for_end($node, $five), 'SUCCEEDED', 'it is there again');
is(sql($node, "SELECT count(*) FROM workflow.history_events WHERE execution_id = $five AND type = 'ActivityStarted'"), '1',
	'and has been started once');

# Who waits and is cancelled leaves nobody waiting in vain; who waits for what is deleted is told.
begin('quitter', $take_and_answer, 'SELECT pg_sleep(86400)');
waits('quitter');
sql($node, "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = 'quitter'");
ok(wait_until($node, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'quitter' AND wait_event = 'PgSleep'", 1), 'one gives up');
begin('heir', $take_and_answer);
waits('heir');
is(wait_for_end($node, start_execution($node, 'activity')), 'SUCCEEDED', 'and is not waited for');
sql($node, "SELECT workflow.create_activity('gone')");
begin('deserted', "CALL workflow.get_activity_task('gone', 'w', '1 hour', NULL, NULL)");
waits('deserted');
sql($node, "SELECT workflow.delete_activity('gone')",
	"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'quitter'");
my $deserted = $session{deserted};
finish($_) for qw(quitter heir deserted);
like($deserted->{err}, qr/ActivityDoesNotExist/, 'whose activity is deleted is told');

# --- answers ---

my $ask = start_execution($node, 'ask');
ok(wait_until($node, 'SELECT count(*) FROM asked', 1), 'a token is out');
sql($node, 'CREATE TABLE answered (x int)');
run_pgbench($node, "DO \$\$ BEGIN PERFORM workflow.send_task_success(token) FROM asked; INSERT INTO answered VALUES (1);
	EXCEPTION WHEN SQLSTATE 'WF022' THEN END \$\$;\n", clients => 8, transactions => 1,
	test => 'eight answer at once');
is(wait_for_end($node, $ask), 'SUCCEEDED', 'one of them counts');
is(sql($node, 'SELECT count(*) FROM answered'), '1', 'the others are told');
is(sql($node, "SELECT count(*) FROM workflow.history_events WHERE execution_id = $ask AND type = 'TaskSucceeded'"), '1', 'once');

# An answer that overtakes the task whose token it names: the token is in the history as soon as the task has been scheduled.
for my $end (qw(SUCCEEDED ABORTED))
{
	sql($node, 'TRUNCATE asked');
	begin('gate', 'SELECT pg_advisory_lock(1)', 'SELECT pg_sleep(86400)');
	wait_until($node, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 1 AND granted", 1);
	my $early = start_execution($node, 'ask_slowly');
	ok(wait_until($node, "SELECT count(*) FROM workflow.history_events WHERE execution_id = $early AND type = 'TaskStarted'", 1),
		'a task runs');
	sql($node, "SELECT workflow.send_task_success(details -> 'parameters' ->> 'token', '\"early\"')
		FROM workflow.history_events WHERE execution_id = $early AND type = 'TaskScheduled'");
	ok(wait_until($node, "SELECT count(*) FROM workflow.inbox WHERE not_before = 'infinity'", 1), 'its answer is set aside');
	stop_execution($node, $early) if $end eq 'ABORTED';
	ok(wait_until($node, "SELECT status FROM workflow.executions WHERE id = $early", $end eq 'ABORTED' ? $end : 'RUNNING'), $end);
	sql($node, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'gate'");
	finish('gate');
	is(wait_for_end($node, $early), $end, 'and met');
	is(sql($node, 'SELECT count(*) FROM asked'), $end eq 'ABORTED' ? '0' : '1', "the task's effects are there, or not");
	ok(wait_until($node, 'SELECT count(*) FROM workflow.inbox', 0), 'nothing is left behind');
}

# A notification carries the token; nobody answers in time.
create_machine($node, 'shout', chain(S => { Type => 'Task', Resource => 'notify:shout.waitForTaskToken', TimeoutSeconds => 3600,
	End => JSON::PP::true }));
my $listener = session($node);
$listener->query_safe('LISTEN shout');
my $shout = start_execution($node, 'shout');
my $heard = '';
for (1 .. 10 * $WorkflowTest::patience)
{
	$heard .= $listener->query('SELECT pg_sleep(0.1)');
	last if $heard =~ /shout/;
}
$listener->quit;
like($heard, qr/"taskToken":"[A-Za-z0-9+\/]{64}","payload":\{\}\}" received/, 'a notification carries the token');
# Its time is over.
ok(wait_until($node, "SELECT status FROM workflow.live_states WHERE execution_id = $shout", 'task'), 'it waits for its token');
sql($node, "UPDATE workflow.timer SET due_at = now() WHERE execution_id = $shout", 'SELECT workflow.resume()');
execution_like($node, $shout, 'FAILED', 'States.Timeout', 'a task whose token nobody uses times out');

# A commit on the way into the wait may run anything, so also another wait.
sql($node, q{SELECT workflow.create_activity('idle')}, 'CREATE TABLE late (i int)',
	q{CREATE FUNCTION poll_late() RETURNS trigger LANGUAGE plpgsql AS
		'BEGIN PERFORM FROM workflow.get_activity_task(''idle'', NULL, ''100 ms''); RETURN NULL; END'},
	'CREATE CONSTRAINT TRIGGER late AFTER INSERT ON late DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION poll_late()');
is(sql($node, q{DO $$ DECLARE token text; input json; BEGIN INSERT INTO late VALUES (1);
		CALL workflow.get_activity_task('idle', NULL, '300 ms', token, input); END $$}, 'SELECT count(*) FROM late'), '1',
	'a wait within the commit of another one');
sql($node, q{SELECT workflow.delete_activity('idle')});

# --- tokens outlive the server, and the database ---

sql($node, 'TRUNCATE asked');
my @out = map { start_execution($node, 'ask') } 1 .. 2;
wait_until($node, 'SELECT count(*) FROM asked', 2);
wait_until($node, "SELECT count(*) FROM workflow.history_events WHERE type = 'TaskSubmitted' AND execution_id >= $out[0]", 2);
my $six = start_execution($node, 'activity');
wait_until($node, 'SELECT waiting FROM workflow.activities', 1);
kill_postmaster($node);
my ($now, $later) = split /\n/, sql($node, 'SELECT token FROM asked');
sql($node, "SELECT workflow.send_task_success('$now')");
ok(wait_until($node, "SELECT count(*) FROM workflow.executions WHERE status = 'SUCCEEDED' AND id IN ($out[0], $out[1])", 1),
	'a token works after a crash');
my $file = $node->basedir . '/dump';
command_ok([ 'pg_dump', '--format=custom', '-f', $file, '-d', $node->connstr('app') ], 'pg_dump');
$node->stop;
my $copy = new_node('copy', database => undef);
$copy->safe_psql('postgres', 'CREATE DATABASE app');
command_ok([ 'pg_restore', '--exit-on-error', '-d', $copy->connstr('app'), $file ], 'pg_restore');
sql($copy, "SELECT workflow.send_task_success('$later')", 'SELECT workflow.resume()', $take_and_answer);
is(wait_for_end($copy, $_), 'SUCCEEDED', 'and in a restored copy') for @out, $six;
$copy->stop;
done_testing();
