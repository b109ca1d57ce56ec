# A Map's items are read once by a process, not once for each batch; and each iteration still gets its own: of this
# execution, this round, this attempt, whatever has been rolled back or killed meanwhile.  And frames are written where
# they lie, however many there are.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Test::More;
use PostgreSQL::Test::Utils qw(slurp_file);
use WorkflowTest;

my $node = new_node('items', workers => 1, conf => "workflow.batch_budget = 200\nworkflow.max_events = 1000000\nlog_min_messages = debug1\n");
my $n = 300;    # items of 40 characters: more than a row holds
sql($node, 'CREATE SEQUENCE nonce', 'CREATE SEQUENCE faults', 'CREATE SEQUENCE commits',
	'CREATE TABLE made (execution text, round int, items jsonb, PRIMARY KEY (execution, round))',
	'CREATE TABLE effect (execution text, round int, index int, top xid8)',
	# Items that are never the same twice, not even where it is done again: what a sequence gives is not rolled back.  Of
	# the kind "dull" they compress to so little that they stay in their row, else they go to the TOAST table.
	qq{CREATE FUNCTION make(execution text, round int, kind text) RETURNS jsonb LANGUAGE plpgsql AS 'DECLARE
			nonce text := nextval(''nonce''); items jsonb; BEGIN
		round := round + 1;
		SELECT jsonb_agg(CASE WHEN kind = ''dull'' THEN lpad(nonce, 40, ''-'') ELSE lpad(nonce, 8, ''0'') || md5(random()::text) END)
			INTO items FROM generate_series(1, $n);
		INSERT INTO made VALUES (execution, round, items);
		RETURN jsonb_build_object(''round'', round, ''kind'', kind, ''items'', items); END'},
	# Is it the item that was made?  Also by the context, which is made anew when the task has been loaded.
	q{CREATE FUNCTION use(execution text, round int, index int, value text) RETURNS text LANGUAGE plpgsql AS 'BEGIN
		IF value IS DISTINCT FROM (SELECT items ->> index FROM made m WHERE m.execution = use.execution AND m.round = use.round)
			OR value IS DISTINCT FROM workflow.context() #>> ''{Map,Item,Value}'' THEN
			PERFORM workflow.raise(''Wrong'', format(''%s %s %s: %s'', execution, round, index, value));
		END IF;
		INSERT INTO effect VALUES (execution, round, index, pg_current_xact_id());
		IF index = 200 AND round = 1 AND nextval(''faults'') < 3 THEN PERFORM workflow.raise(''Again'', ''''); END IF;
		RETURN value; END'});

my %make = task('public.make', Parameters => { 'execution.$' => '$$.Execution.Name', 'round.$' => '$.round', 'kind.$' => '$.kind' },
	Next => 'M')->%*;
my %map = (Type => 'Map', ItemsPath => '$.items',
	ItemSelector => { 'round.$' => '$.round', 'index.$' => '$$.Map.Item.Index', 'value.$' => '$$.Map.Item.Value' },
	ItemProcessor => { StartAt => 'Use', States => { Use => task('public.use', Parameters => {
		'execution.$' => '$$.Execution.Name', 'round.$' => '$.round', 'index.$' => '$.index', 'value.$' => '$.value' }) } },
	Retry => [{ ErrorEquals => ['Again'], IntervalSeconds => 1, MaxAttempts => 3 }], ResultPath => '$.results');

# Round after round the same Map with other items; in the middle one it fails, and begins again.
create_machine($node, 'rounds', json_text({ StartAt => 'Make', States => {
	Make => \%make, M => { %map, Next => 'More' },
	More => { Type => 'Choice', Choices => [{ Variable => '$.round', NumericLessThan => 3, Next => 'Make' }], Default => 'End' },
	End => { Type => 'Succeed' } } }));

sub start
{
	my ($machine, $kind) = @_;
	return start_execution($node, $machine, input => qq({"round": 0, "kind": "$kind"}));
}

# The results are the items of the execution's last round.
sub results_are_items
{
	my ($execution, $results, $test) = @_;
	execution_like($node, $execution, 'SUCCEEDED', undef, $test);
	is(sql($node, "SELECT output::jsonb #> '$results' = (SELECT items FROM made m WHERE m.execution = e.name ORDER BY round DESC LIMIT 1)
		FROM workflow.executions e WHERE id = $execution"), 't', '... with its own items');
	return;
}

# What has been done and committed: each item of each round once.
sub each_is_done_once
{
	my ($count) = @_;
	is(sql($node, 'SELECT count(*), count(DISTINCT (execution, round, index)) FROM effect'), "$count|$count", 'each item once');
	sql($node, 'TRUNCATE effect');
	return;
}

for my $kind (qw(lively dull))
{
	sql($node, q{SELECT setval('faults', 1, false)}, 'TRUNCATE effect');
	results_are_items($_, '{results}', "three executions side by side, of $kind items") for map { start('rounds', $kind) } 1 .. 3;
	cmp_ok(sql($node, 'SELECT last_value FROM faults'), '>=', 4, 'Maps did begin again');
	# What an attempt has done stays when the Map begins again.
	is(sql($node, 'SELECT count(DISTINCT (execution, round, index)) FROM effect'), 3 * 3 * $n, 'all was done');
	sql($node, 'TRUNCATE effect');
}

# A Map that begins in a batch whose commit fails: its items were read from rows that then never were.  The third member
# of the batch fails, so that the next one loads the execution from what has been written so far.
sql($node, q{CREATE FUNCTION bump(i int) RETURNS int LANGUAGE plpgsql AS 'BEGIN
		IF i = 2 AND nextval(''faults'') = 1 THEN RAISE division_by_zero; END IF; RETURN i; END'},
	q{CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN
		IF nextval(''public.commits'') = 1 THEN RAISE division_by_zero; END IF; RETURN NULL; END'},
	q{CREATE CONSTRAINT TRIGGER fault AFTER INSERT OR UPDATE ON workflow.frame DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
		WHEN (new.status = 'j' AND new.items IS NOT NULL) EXECUTE FUNCTION public.fault()});
create_machine($node, 'bump', chain(B => task('public.bump', Parameters => { i => 1 })));
execution_like($node, start('bump', ''), 'SUCCEEDED', undef, 'a function is known to be fast') for 1 .. 2;
create_machine($node, 'torn', json_text({ StartAt => 'P', States => { P => { Type => 'Parallel', End => JSON::PP::true, Branches => [
	{ StartAt => 'Make', States => { Make => \%make, M => { %map, End => JSON::PP::true } } },
	map { { StartAt => "B$_", States => { "B$_" => task('public.bump', Parameters => { i => $_ }) } } } 1 .. 5 ] } } }));
for my $kind (qw(lively dull))
{
	sql($node, q{SELECT setval('faults', 1, false), setval('commits', 1, false)});
	results_are_items(start('torn', $kind), '{0,results}', "a batch that is rolled back, of $kind items");
	is(sql($node, 'SELECT last_value > 1 FROM commits'), 't', 'its commit did fail');
	each_is_done_once($n);
}
sql($node, 'DROP TRIGGER fault ON workflow.frame');

# Maps in a Map, each with items of its own, side by side.
create_machine($node, 'nested', json_text({ StartAt => 'Outer', States => { Outer => { Type => 'Map', End => JSON::PP::true,
	ItemProcessor => { StartAt => 'Make', States => { Make => \%make, M => { %map, End => JSON::PP::true } } } } } }));
execution_like($node, start_execution($node, 'nested', input => json_text([ map { { round => 10 + $_, kind => $_ % 2 ? 'dull' : 'lively' } } 1 .. 6 ])),
	'SUCCEEDED', undef, 'Maps in a Map');
each_is_done_once(6 * $n);

# Workers that are killed in the middle.
my @execution;
for my $kill (1 .. 4)
{
	my $before = sql($node, 'SELECT count(*) FROM effect');
	push @execution, start('rounds', 'lively');
	wait_until($node, "SELECT count(*) >= $before + 100 FROM effect", 't', every => 0.01);
	ok(kill_backend($node, 'workflow worker'), 'a worker is killed');
	wait_for_server($node);
}
wait_until($node, "SELECT bool_and(status <> 'RUNNING') FROM workflow.executions", 't');
results_are_items($_, '{results}', 'after workers have been killed') for @execution;
is(sql($node, 'SELECT count(DISTINCT (execution, round, index)) FROM effect'), @execution * 3 * $n, 'all was done');
sql($node, 'TRUNCATE effect');

# How much is read of what is stored.
$node->append_conf('postgresql.conf', 'workflow.batch_budget = 5');
$node->reload;
create_machine($node, 'plain', json_text({ StartAt => 'Make', States => { Make => \%make, M => { %map, End => JSON::PP::true } } }));

# Blocks that have been read so far: when a worker ends it has told of its own.
sub reads
{
	terminate_backend($node, 'workflow worker');
	return sql($node, q{SELECT toast_blks_hit + toast_blks_read FROM pg_statio_all_tables WHERE relid = 'workflow.frame'::regclass});
}
execution_like($node, start('plain', 'lively'), 'SUCCEEDED', undef, 'a plain Map');
my $before = reads();
execution_like($node, start('plain', 'lively'), 'SUCCEEDED', undef, 'another one');
my $read = reads() - $before;
cmp_ok($read, '<', 100, "its items are not read for each batch: $read blocks");
sql($node, 'TRUNCATE effect');

# An execution that takes long to load: more of it is done at once.
sql($node, 'CREATE TABLE batch (top xid8)', q{CREATE FUNCTION note(item int) RETURNS void LANGUAGE sql AS
	'INSERT INTO batch VALUES (pg_current_xact_id())'});
create_machine($node, 'wider', json_text({ StartAt => 'M', States => { M => { Type => 'Map', MaxConcurrency => 100000,
	ItemProcessor => { StartAt => 'Note', States => { Note => task('public.note', Parameters => { 'item.$' => '$' }) } }, End => JSON::PP::true } } }));
execution_like($node, start_execution($node, 'wider', input => json_text([ 1 .. $_ ])), 'SUCCEEDED', undef, "a Map of $_ at once")
	for 2, 2, 1500;
cmp_ok(sql($node, 'SELECT max(count) FROM (SELECT count(*) FROM batch GROUP BY top) x'), '>', 32, 'more in a batch than elsewhere');
is(sql($node, 'SELECT count(*) FROM batch'), 1504, 'each item once');

# Frames are deleted by their keys, whatever the planner knows of the table when it first makes the plan: nothing, here.
create_database($node, 'fresh');
create_machine($node, 'inner', json_text({ StartAt => 'M', States => { M => { Type => 'Map', MaxConcurrency => 100000,
	ItemProcessor => { StartAt => 'P', States => { P => { Type => 'Parallel', End => JSON::PP::true, Branches => [
		map { { StartAt => $_, States => { $_ => { Type => 'Wait', Seconds => 1, End => JSON::PP::true } } } } qw(A B) ] } } },
	End => JSON::PP::true } } }), db => 'fresh');
my ($fetched) = sql($node, { db => 'fresh' }, q{SET workflow.clock = '2026-01-01'}, 'BEGIN',
	map({; "SELECT workflow.start_execution('inner', (SELECT json_agg(i) FROM generate_series(1, $_) i)::jsonb)",
		'SELECT workflow.run_until_idle(advance_clock => true)' } 1, 300),
	q{SELECT idx_tup_fetch FROM pg_stat_xact_all_tables WHERE relid = 'workflow.frame'::regclass}, 'COMMIT') =~ /(\d+)\z/;
cmp_ok($fetched, '<', 10 * 300, 'no frame is fetched for the sake of others');

# The memory for what is kept is bounded, trees included that were parsed after their text was kept: of these inputs each
# takes some 7 MB.
create_machine($node, 'dense', json_text({ StartAt => 'W', States => { W => { Type => 'Wait', Seconds => 1, Next => 'P' },
	P => { Type => 'Pass', Parameters => { 'x.$' => '$.r' }, Next => 'V' }, V => { Type => 'Wait', Seconds => 1, End => JSON::PP::true } } }));
sql($node, q{SELECT workflow.start_execution('dense', jsonb_build_object('r', md5(i::text), 'a', (SELECT jsonb_agg('[]'::jsonb)
	FROM generate_series(1, 60000)))) FROM generate_series(1, 100) i});
wait_until($node, "SELECT bool_and(status <> 'RUNNING') FROM workflow.executions", 't');
is(sql($node, q{SELECT count(*) FROM workflow.executions e WHERE output IS NOT NULL AND state_machine = 'dense'}), '100', 'large inputs');
SKIP:
{
	skip 'what a process has used is not known here', 1 unless -r "/proc/$$/status";
	my ($most) = sort { $b <=> $a } map { (eval { slurp_file("/proc/$_/status") } // '') =~ /VmHWM:\s*(\d+)/ ? $1 : 0 }
		map { backends($node, $_) } 'workflow scheduler', 'workflow worker';
	cmp_ok($most, '<', 300 * 1024, "the memory of what is kept is bounded ($most kB)");
}

# A stop reaches an execution that the workers take up again as soon as they have let go of it.
sql($node, 'ALTER SYSTEM SET workflow.workers = 4', 'SELECT pg_reload_conf()',
	'CREATE SEQUENCE touched',
	q{CREATE FUNCTION touch(i int) RETURNS bigint LANGUAGE sql AS 'SELECT nextval(''touched'')'});
create_machine($node, 'wide', json_text({ StartAt => 'M', States => { M => { Type => 'Map', End => JSON::PP::true, MaxConcurrency => 100000,
	ItemProcessor => { StartAt => 'A', States => { A => task('public.touch', Parameters => { i => 1 }, Next => 'B'),
		B => task('public.touch', Parameters => { i => 2 }) } } } } }));
execution_like($node, start_execution($node, 'wide', input => '[1, 2, 3]'), 'SUCCEEDED', undef, 'a function is known to be fast') for 1 .. 2;
my $wide = start_execution($node, 'wide', input => json_text([ 1 .. 20000 ]));
wait_until($node, 'SELECT last_value > 100 FROM touched', 't', every => 0.01);
sql($node, "SELECT workflow.stop_execution($wide)");
execution_like($node, $wide, 'ABORTED', undef, 'a wide Map in full swing is stopped');

is(sql($node, 'SELECT (SELECT count(*) FROM workflow.frame) + (SELECT count(*) FROM workflow.live_execution)'), '0', 'nothing is left');
unlike(slurp_file($node->logfile), qr/frames? .* disappeared/, 'rows were where they were expected');
$node->stop;
done_testing();
