# Files that name files are read, and the results of a Map Run that failed are written, once, whatever is killed meanwhile.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Test::More;
use WorkflowTest;

my $files = 20;
my $rows = 200;
my $node = new_node('map_files');
sql($node,
	'CREATE TABLE source (key text, body text)',
	'CREATE TABLE file (key text, body json)',
	'CREATE TABLE released ()',
	"INSERT INTO source SELECT f || '.csv', string_agg(format(E'\"%s\",\"%s\"\\n', f, r), '') FROM generate_series(1, $files) f,
		generate_series(1, $rows) r GROUP BY f",
	"INSERT INTO source SELECT 'manifest.json', json_build_object('fileFormat', 'CSV', 'fileSchema', 'File, Row',
		'files', (SELECT json_agg(json_build_object('key', f || '.csv') ORDER BY f) FROM generate_series(1, $files) f))",
	# until who is in the middle of his work may go on
	'CREATE FUNCTION hold() RETURNS void LANGUAGE plpgsql AS $$
		BEGIN WHILE NOT EXISTS (SELECT FROM released) LOOP PERFORM pg_sleep(0.02); END LOOP; END $$',
	'CREATE FUNCTION get("Key" text) RETURNS text LANGUAGE plpgsql AS $$
		BEGIN
			IF "Key" = \'10.csv\' THEN PERFORM hold(); END IF;
			RETURN (SELECT body FROM source WHERE key = "Key");
		END $$',
	'CREATE FUNCTION put("Key" text, "Body" json) RETURNS void LANGUAGE plpgsql AS $$
		BEGIN
			INSERT INTO file VALUES (regexp_replace("Key", \'.*/\', \'\'), ("Body" #>> \'{}\')::json);
			PERFORM hold();
		END $$');

sub map_machine
{
	my ($name, $states, %field) = @_;
	create_machine($node, $name, json_text({ StartAt => 'M', States => { M => { Type => 'Map', End => JSON::PP::true, %field,
		ItemProcessor => { ProcessorConfig => { Mode => 'DISTRIBUTED', ExecutionType => 'STANDARD' }, StartAt => 'S',
			States => $states } } } }));
	return;
}

# Kills the worker in the middle of a task that is on its way alone.
sub kill_worker
{
	ok(wait_until($node, "SELECT count(*) > 0 FROM pg_stat_activity WHERE backend_type = 'workflow worker' AND wait_event = 'PgSleep'"),
		'a task is held');
	ok(kill_backend($node, 'workflow worker'), 'and a worker killed');
	wait_for_server($node);
	return;
}

# Many files: none is read twice into the items.
map_machine('inventory', { S => { Type => 'Pass', End => JSON::PP::true } },
	ItemReader => { Resource => 'function:public.get', Parameters => { Key => 'manifest.json' }, ReaderConfig => { ManifestType => 'S3_INVENTORY' } },
	ItemBatcher => { MaxItemsPerBatch => 100 }, ResultSelector => { 'n.$' => 'States.ArrayLength($)' });
my $id = start_execution($node, 'inventory');
kill_worker();
sql($node, 'INSERT INTO released DEFAULT VALUES');
my $batches = $files * $rows / 100;
execution_like($node, $id, 'SUCCEEDED', undef, 'the files are read');
is(sql($node, "SELECT output FROM workflow.executions WHERE id = $id"), qq({"n":$batches}), 'and give so many batches');
is(sql($node, "SELECT count(*), count(DISTINCT (i ->> 'File', i ->> 'Row')) FROM workflow.executions, json_array_elements(input -> 'Items') i
		WHERE map_run_id IS NOT NULL"), join('|', $files * $rows, $files * $rows), 'each row is an item, once');

# Too many have failed: those that wait are stopped before the files are written.
sql($node, 'TRUNCATE released');
map_machine('over', {
		S => { Type => 'Choice', Choices => [{ Variable => '$', NumericEquals => 0, Next => 'F' }], Default => 'W' },
		F => { Type => 'Fail', Error => 'Zero' },
		W => { Type => 'Wait', Seconds => 100000, End => JSON::PP::true } },
	MaxConcurrency => 500, ResultWriter => { Resource => 'function:public.put', Parameters => {} });
$id = start_execution($node, 'over', input => '[' . join(',', 1 .. 499, 0, 501 .. 600) . ']');
kill_worker();
# Who would bear more now comes too late: nothing else is started.
wait_until($node, "SELECT count(*) > 0 FROM workflow.tasks WHERE status = 'started'", 't');
sql($node, "SELECT workflow.update_map_run(arn, tolerated_failure_percentage => 100) FROM workflow.list_map_runs($id)");
wait_until($node, "SELECT count(*) FROM workflow.ready WHERE kind IN ('m', 'n')", '0');
sql($node, 'INSERT INTO released DEFAULT VALUES');
execution_like($node, $id, 'FAILED', 'States.ExceedToleratedFailureThreshold', 'a Map Run over its threshold fails, for that');
is(sql($node, "SELECT key, r ->> 'Status', count(*), count(DISTINCT r ->> 'Input') FROM file, json_array_elements(body) r
		WHERE key NOT LIKE 'manifest%' GROUP BY 1, 2 ORDER BY 1, 2"),
	"FAILED_0.json|ABORTED|499|499\nFAILED_0.json|FAILED|1|1\nPENDING_0.json|PENDING|100|100", 'all of it is told, once');
is(sql($node, "SELECT count(*) FROM file WHERE key = 'manifest.json'"), '1', 'in one manifest');
is(sql($node, "SELECT status, items, started, failed, aborted FROM workflow.map_runs WHERE execution_id = $id"), 'FAILED|600|500|1|499',
	'as it is counted');
wait_until($node, 'SELECT count(*) FROM workflow.ready', '0');
is(sql($node, 'SELECT (SELECT count(*) FROM workflow.map_item), (SELECT count(*) FROM workflow.map_ended),
		(SELECT count(*) FROM workflow.live_execution), (SELECT count(*) FROM workflow.timer)'), '0|0|0|0', 'nothing is left');
$node->stop;
done_testing();
