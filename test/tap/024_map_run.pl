# A Map Run loses no item and does none twice, whatever is killed: while its items are read, in the middle of it, and while its
# results are written; and who stops it stops what it has started.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Test::More;
use WorkflowTest;

my $seed = $ENV{WORKFLOW_SEED} // int(rand(1e9));
srand($seed);
note("seed $seed");
my $items = 2000;
my $node = new_node('map_run');
sql($node,
	'CREATE TABLE effect (item int)',
	'CREATE TABLE file (key text, entries int)',
	'CREATE TABLE killed (at text)',
	'CREATE FUNCTION work(item int) RETURNS int LANGUAGE plpgsql AS $$
		BEGIN INSERT INTO effect VALUES (item); PERFORM pg_sleep(0.001); RETURN item; END $$',
	# who holds is killed, and does not hold the next time
	'CREATE FUNCTION hold(moment text) RETURNS int LANGUAGE plpgsql AS $$
		BEGIN WHILE NOT EXISTS (SELECT FROM killed WHERE at = moment) LOOP PERFORM pg_sleep(0.02); END LOOP; RETURN 0; END $$',
	'CREATE FUNCTION put("Key" text, "Body" json) RETURNS void LANGUAGE plpgsql AS $$
		BEGIN
			INSERT INTO file VALUES ("Key", CASE WHEN "Key" LIKE \'%manifest%\' THEN 0 ELSE json_array_length(("Body" #>> \'{}\')::json) END);
			PERFORM hold($q$written$q$);
		END $$');

sub map_machine
{
	my ($name, $processor, %field) = @_;
	create_machine($node, $name, json_text({ StartAt => 'M', States => { M => { Type => 'Map', End => JSON::PP::true, %field,
		ItemProcessor => { ProcessorConfig => { Mode => 'DISTRIBUTED', ExecutionType => 'STANDARD' }, StartAt => 'S',
			States => { S => $processor } } } } }));
	return;
}

map_machine('killed', task('public.work', Parameters => { 'item.$' => '$.item' }),
	ItemReader => { Resource => 'sql:query', Parameters => {
		Query => q{SELECT item, CASE WHEN item = 1000 THEN hold('read') END AS nap FROM generate_series(1, $1) item},
		'Parameters.$' => 'States.Array($.items)' } },
	MaxConcurrency => 100,
	ResultWriter => { Resource => 'function:public.put', Parameters => { Prefix => 'p' } });
my $id = start_execution($node, 'killed', input => qq({"items": $items}));

# Once while the items are read, some times in the middle, once while the results are written.
my $kills = 0;
my $holding = "SELECT count(*) > 0 FROM pg_stat_activity WHERE backend_type = 'workflow worker' AND wait_event = 'PgSleep'
	AND EXISTS (SELECT FROM workflow.tasks WHERE status = 'started') AND (SELECT count(*) FROM effect) IN (0, $items)";
for my $moment ('read', 200, 600, 1000, 1400, 'written')
{
	# A worker that holds has begun its task and not ended it.
	wait_until($node, $moment =~ /^\d/ ? "SELECT count(*) > $moment FROM effect" : $holding, 't', every => 0.02);
	$kills++ if kill_backend($node, 'workflow worker');
	wait_for_server($node);
	sql($node, "INSERT INTO killed VALUES ('$moment')");
}
cmp_ok($kills, '>=', 4, 'workers were killed');
execution_like($node, $id, 'SUCCEEDED', undef, 'the Map Run comes to its end');
is(sql($node, 'SELECT count(*), count(DISTINCT item), min(item), max(item) FROM effect'), "$items|$items|1|$items",
	'each item was worked on once');
is(sql($node, 'SELECT status, items, started, succeeded, failed, aborted FROM workflow.map_runs'),
	"SUCCEEDED|$items|$items|$items|0|0", 'all of them are counted');
is(sql($node, "SELECT sum(entries), count(*) FILTER (WHERE key LIKE '%manifest%') FROM file"), "$items|1",
	'and reported, once');
is(sql($node, "SELECT count(*), count(DISTINCT map_index) FROM workflow.execution WHERE map_run_id IS NOT NULL"),
	"$items|$items", 'no child was made twice');

# Stopped while very many wait.
map_machine('stopped', { Type => 'Wait', Seconds => 100000, End => JSON::PP::true });
$id = start_execution($node, 'stopped', input => '[' . join(',', 1 .. 2000) . ']');
wait_until($node, "SELECT count(*) = 2000 FROM workflow.timer");
stop_execution($node, $id);
execution_like($node, $id, 'ABORTED', undef, 'one that is stopped');
wait_until($node, "SELECT count(*) FROM workflow.executions WHERE status = 'RUNNING'", '0');
ok(wait_until($node, "SELECT status, started, aborted FROM workflow.map_runs WHERE execution_id = $id", 'ABORTED|2000|2000'),
	'stops its children');

wait_until($node, 'SELECT count(*) FROM workflow.ready', '0');
is(sql($node, 'SELECT (SELECT count(*) FROM workflow.map_item), (SELECT count(*) FROM workflow.map_ended),
		(SELECT count(*) FROM workflow.live_execution), (SELECT count(*) FROM workflow.timer)'), '0|0|0|0', 'nothing is left');
$node->stop;
done_testing();
