# pg_dump carries everything; the restored copy stands still until resume(), then goes on where it stood.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use PostgreSQL::Test::Utils;
use Test::More;
use WorkflowTest;

my $node = new_node('origin');
sql($node,
	'CREATE ROLE clerk LOGIN',
	'CREATE TABLE effect (execution text, state text)',
	'GRANT INSERT ON effect TO clerk',
	'CREATE FUNCTION work(execution text, state text) RETURNS void LANGUAGE sql AS $$
		INSERT INTO effect VALUES (execution, state) $$');
my %parameters = (ResultPath => undef,
	Parameters => { 'execution.$' => '$$.Execution.Name', 'state.$' => '$$.State.Name' });
create_machine($node, 'short', chain(A => task('public.work', %parameters)), run_as => 'clerk');
create_machine($node, 'waiting', chain(Before => task('public.work', %parameters),
	Wait => { Type => 'Wait', TimestampPath => '$.until' }, After => task('public.work', %parameters)), run_as => 'clerk');

my @short = map { start_execution($node, 'short', name => "short-$_") } 1 .. 10;
wait_for_end($node, $_) for @short;

# Five wait whose timers are due as soon as somebody looks: the engine that set them was told that it is an hour ago, and
# there are no workers until the dumps are made.
$node->append_conf('postgresql.conf', 'workflow.workers = 0');
$node->reload;
ok(wait_until($node, "SELECT count(*) FROM pg_stat_activity WHERE backend_type IN ('workflow scheduler', 'workflow worker')", '0'),
	'nothing runs any more');
my @waiting = split /\n/, sql($node, "SET workflow.clock = '" . sql($node, "SELECT now() - interval '1 hour'") . "'",
	"SELECT workflow.start_execution('waiting', jsonb_build_object('until',
		to_char(now() AT TIME ZONE 'UTC' - interval '59 min', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')), 'waiting-' || i)
		FROM generate_series(1, 5) i",
	q{SELECT workflow.start_execution('waiting', '{"until": "2070-01-01T00:00:00Z"}', 'late')},
	"DO 'BEGIN PERFORM workflow.run_until_idle(); END'");
my $late = pop @waiting;
is(sql($node, "SELECT count(*) FROM effect WHERE state = 'Before'"), '6', 'six executions wait');
is(sql($node, 'SELECT count(*) FROM workflow.timers WHERE due_at < now()'), '5', 'five of them for what is over');

my $stands_still = "SELECT state = 'standing still' FROM workflow.workers WHERE kind = 'scheduler' AND database = 'app'";

# What must be the same in the copy.
my $all = "SELECT 'machine', name, 0, '', definition FROM workflow.state_machines
	UNION ALL SELECT 'execution', name, id, status, input::text || coalesce(output::text, '') FROM workflow.executions
	UNION ALL SELECT 'event', type, execution_id, id::text, at || coalesce(details::text, '') FROM workflow.history_events
	UNION ALL SELECT 'effect', execution, 0, state, '' FROM effect
	ORDER BY 1, 2, 3, 4, 5";

for my $format (qw(plain custom))
{
	my $file = $node->basedir . "/dump.$format";
	command_ok([ 'pg_dump', "--format=$format", '-f', $file, '-d', $node->connstr('app') ], "pg_dump, $format");
}
my $expected = sql($node, $all);
$node->stop;

for my $format (qw(plain custom))
{
	# A restore announces nothing: what it has loaded is seen at the next look of the safety net.
	my $copy = new_node("copy_$format", database => undef, conf => 'workflow.safety_net = 1s');
	$copy->safe_psql('postgres', 'CREATE ROLE clerk LOGIN');
	$copy->safe_psql('postgres', 'CREATE DATABASE app');
	my $file = $node->basedir . "/dump.$format";
	if ($format eq 'plain')
	{
		command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $copy->connstr('app'), '-f', $file ], 'psql');
	}
	else
	{
		command_ok([ 'pg_restore', '--exit-on-error', '-d', $copy->connstr('app'), $file ], 'pg_restore');
	}
	is(sql($copy, $all), $expected, "$format: everything is there");
	ok(wait_until($copy, $stands_still), 'it stands still');
	like(slurp_file($copy->logfile), qr/executions stand still in database "app": the data is a copy/, 'and the log says why');
	my $new = start_execution($copy, 'short', name => 'new');
	cmp_ok($new, '>', $late, 'a new execution gets a new id');
	is(sql($copy, "SELECT workflow.wait_for_execution($new, '1 s')"), 'RUNNING', 'which waits too');
	$copy->restart;
	ok(wait_until($copy, $stands_still), 'it stands still after a restart');
	is(status_of($copy, $new), 'RUNNING', 'the new execution, too');
	is(sql($copy, "SELECT count(*) FROM effect WHERE state = 'After'"), '0', 'and what was due');

	sql($copy, 'SELECT workflow.resume()');
	ok(wait_until($copy, $stands_still, 'f'), 'resume() ends that');
	is(wait_for_end($copy, $new), 'SUCCEEDED', 'after resume() it goes on');
	is(wait_for_end($copy, $_), 'SUCCEEDED', 'and what waited') for @waiting;
	is(status_of($copy, $late), 'RUNNING', 'what is not due is not run');
	is(sql($copy, "SELECT count(*), count(DISTINCT execution) FROM effect WHERE state = 'After'"), '5|5', 'once each');
	is(sql($copy, 'SELECT count(*) FROM (SELECT id, row_number() OVER (PARTITION BY execution_id ORDER BY id) AS n
			FROM workflow.history_events) h WHERE id <> n'), '0', 'histories go on without gaps');
	my ($code) = $copy->psql('app', "SELECT workflow.start_execution('short', '{\"other\": 1}', 'short-1')");
	isnt($code, 0, 'names that were given stay taken');
	$copy->stop;
}

# The original itself is no copy.
$node->append_conf('postgresql.conf', 'workflow.workers = 4');
$node->start;
is(wait_for_end($node, $_), 'SUCCEEDED', 'the original goes on by itself') for @waiting;

# It is told of where it is meant to be: not of a database in which nothing has been created.
sql($node, 'SELECT workflow.pause()');
ok(wait_until($node, $stands_still), 'pause()');
like(slurp_file($node->logfile), qr/executions stand still in database "app": paused/, 'the log says so');
create_database($node, 'empty');
ok(wait_until($node, "SELECT state FROM workflow.workers WHERE kind = 'scheduler' AND database = 'empty'", 'sleeping'),
	'an empty database waits');
$node->stop;
done_testing();
