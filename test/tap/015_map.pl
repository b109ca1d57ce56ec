# A Map's tasks share batches, and what a batch has of the execution in memory: where a member is rolled back, nobody may go
# on from what it had made of it.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Test::More;
use WorkflowTest;

my $node = new_node('map', workers => 1);
sql($node, 'CREATE TABLE effect (item int)', 'CREATE TABLE attempt (item int)', 'CREATE SEQUENCE tries',
	# Every seventh item fails at its first attempt, every eleventh is slow for a batch, every thirteenth swallows an error:
	# a subtransaction of its own that is rolled back.
	q{CREATE FUNCTION handle(item int, attempt int) RETURNS int LANGUAGE plpgsql AS 'BEGIN
		PERFORM nextval(''tries'');
		INSERT INTO effect VALUES (item);
		IF item % 7 = 0 AND attempt = 0 THEN RAISE division_by_zero; END IF;
		IF item % 11 = 0 THEN PERFORM pg_sleep(0.02); END IF;
		IF item % 13 = 0 THEN
			BEGIN INSERT INTO effect VALUES (item); RAISE division_by_zero; EXCEPTION WHEN division_by_zero THEN NULL; END;
		END IF;
		RETURN item * 10; END'});
create_machine($node, 'wide', json_text({
	StartAt => 'M',
	States => { M => { Type => 'Map', End => JSON::PP::true, ItemProcessor => {
		StartAt => 'T',
		States => { T => { Type => 'Task', Resource => 'function:public.handle',
			Parameters => { 'item.$' => '$', 'attempt.$' => '$$.State.RetryCount' },
			Retry => [{ ErrorEquals => ['division_by_zero'], IntervalSeconds => 1 }], End => JSON::PP::true } } } } } }));

# And the storing of one step fails once: that of the third iteration to end, after the member has gone on in memory.
sql($node, 'CREATE SEQUENCE faults', q{CREATE FUNCTION fault(index int) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN
		IF index = 42 AND nextval(''public.faults'') = 1 THEN RAISE lock_not_available; END IF; RETURN true; END'},
	'ALTER TABLE workflow.frame ADD CONSTRAINT fault CHECK (public.fault(index))');

my $items = 200;
for my $run (1 .. 3)
{
	sql($node, 'TRUNCATE effect', q{SELECT setval('faults', 1, false)});
	my $execution = sql($node, "SELECT workflow.start_execution('wide', to_jsonb(ARRAY(SELECT generate_series(1, $items))))");
	is(wait_for_end($node, $execution), 'SUCCEEDED', "run $run ends");
	is(sql($node, "SELECT output::jsonb = to_jsonb(ARRAY(SELECT i * 10 FROM generate_series(1, $items) i))
		FROM workflow.executions WHERE id = $execution"), 't', 'each result in its place');
	is(sql($node, 'SELECT count(*), count(DISTINCT item) FROM effect'), "$items|$items", 'each item exactly once');
	is(sql($node, "SELECT count(*) = max(id) AND bool_and(previous_id < id) FROM workflow.history_events
		WHERE execution_id = $execution"), 't', 'ids without gaps');
	is(sql($node, "SELECT count(*) FILTER (WHERE type = 'MapIterationSucceeded'), count(*) FILTER (WHERE type = 'TaskSucceeded'),
			count(*) FILTER (WHERE type = 'TaskFailed'), count(*) FILTER (WHERE type = 'TaskStateExited')
		FROM workflow.history_events WHERE execution_id = $execution"),
		join('|', $items, $items, int($items / 7), $items), 'each event of each iteration, once');
}
# A task that runs executions of its own, in memory, while its own execution is in memory too.
sql($node, q{SELECT workflow.create_state_machine('inner', '{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}', type => 'EXPRESS')},
	q{CREATE FUNCTION nested(item int) RETURNS json LANGUAGE sql AS
		'SELECT output FROM workflow.start_sync_execution(''inner'', to_jsonb(item))'});
create_machine($node, 'outer', json_text({
	StartAt => 'M',
	States => { M => { Type => 'Map', End => JSON::PP::true, ItemProcessor => {
		StartAt => 'T',
		States => { T => { Type => 'Task', Resource => 'function:public.nested', Parameters => { 'item.$' => '$' },
			End => JSON::PP::true } } } } } }));
my $outer = sql($node, "SELECT workflow.start_execution('outer', to_jsonb(ARRAY(SELECT generate_series(1, $items))))");
is(wait_for_end($node, $outer), 'SUCCEEDED', 'tasks that run executions in memory');
is(sql($node, "SELECT output::jsonb = to_jsonb(ARRAY(SELECT generate_series(1, $items))) FROM workflow.executions WHERE id = $outer"),
	't', 'with their results');

cmp_ok(sql($node, 'SELECT last_value FROM faults'), '>', 1, 'storing did fail');
is(sql($node, 'SELECT count(*) FROM workflow.ready'), '0', 'nothing is left');
is(sql($node, 'SELECT (SELECT count(*) FROM workflow.frame) + (SELECT count(*) FROM workflow.live_execution)'), '0', 'nor in memory');

$node->stop;
done_testing();
