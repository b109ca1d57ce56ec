# Nobody gains rights: a task leaves nothing behind for the next, cannot become anybody else, and what a role may not see
# it does not see.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Test::More;
use WorkflowTest;

# One worker: the two roles must take turns in it, or rather in one process after the other.
my $node = new_node('roles', workers => 1, conf => "workflow.worker_idle_timeout = '1s'");

sql($node,
	'CREATE ROLE a LOGIN',
	'CREATE ROLE b LOGIN',
	'CREATE ROLE nologin NOLOGIN',
	'CREATE ROLE friend',
	'GRANT friend TO a',
	'GRANT CREATE ON SCHEMA public TO a, b',
	'GRANT USAGE ON SCHEMA workflow TO a, b',
	"ALTER ROLE a SET work_mem = '7MB'");

# --- leaving something behind ---
# LISTEN is refused in a background worker (by the server); the function goes on.
sql($node,
	'CREATE TABLE trace (what text, who name)',
	'GRANT ALL ON trace TO PUBLIC',
	'CREATE FUNCTION trace() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN INSERT INTO trace VALUES (TG_NAME, current_user); RETURN NULL; END $$',
	'CREATE TABLE deferred (i int)',
	'GRANT ALL ON deferred TO PUBLIC',
	'CREATE CONSTRAINT TRIGGER later AFTER INSERT ON deferred DEFERRABLE INITIALLY DEFERRED
		FOR EACH ROW EXECUTE FUNCTION trace()',
	'CREATE SEQUENCE counter',
	'GRANT ALL ON counter TO PUBLIC',
	'CREATE FUNCTION leave_behind() RETURNS text LANGUAGE plpgsql AS $$
		BEGIN
			SET work_mem = $q$1234kB$q$;
			SET search_path = pg_temp, public;
			PERFORM set_config($q$app.secret$q$, $q$of a$q$, false);
			CREATE TEMP TABLE leftover (i int);
			EXECUTE $q$PREPARE leftover AS SELECT 1$q$;
			PERFORM pg_advisory_lock(4711);
			BEGIN EXECUTE $q$LISTEN leftover$q$; EXCEPTION WHEN OTHERS THEN NULL; END;
			EXECUTE $q$DECLARE leftover CURSOR WITH HOLD FOR SELECT 1$q$;
			PERFORM nextval($q$counter$q$);
			INSERT INTO deferred VALUES (1);
			RETURN current_setting($q$work_mem$q$);
		END $$',
	'CREATE FUNCTION look() RETURNS json LANGUAGE plpgsql AS $body$
		DECLARE last text;
		BEGIN
			BEGIN last := lastval(); EXCEPTION WHEN OTHERS THEN last := NULL; END;
			RETURN json_strip_nulls(json_build_object(
				$q$user$q$, current_user, $q$session$q$, session_user,
				$q$work_mem$q$, current_setting($q$work_mem$q$),
				$q$search_path$q$, current_setting($q$search_path$q$),
				$q$secret$q$, nullif(current_setting($q$app.secret$q$, true), $q$$q$),
				$q$temp$q$, to_regclass($q$pg_temp.leftover$q$)::text,
				$q$prepared$q$, (SELECT string_agg(name, $q$,$q$) FROM pg_prepared_statements),
				$q$cursors$q$, (SELECT string_agg(name, $q$,$q$) FROM pg_cursors WHERE name = $q$leftover$q$),
				$q$locks$q$, (SELECT string_agg(objid::text, $q$,$q$) FROM pg_locks
								WHERE locktype = $q$advisory$q$ AND objid = 4711),
				$q$channels$q$, (SELECT string_agg(c, $q$,$q$) FROM pg_listening_channels() c),
				$q$last$q$, last));
		END $body$');
create_machine($node, 'leave', chain(Leave => task('public.leave_behind')), run_as => 'a');
create_machine($node, "look_$_", chain(Look => task('public.look')), run_as => $_) for qw(a b nologin);

my $leave = start_execution($node, 'leave');
execution_like($node, $leave, 'SUCCEEDED', undef, 'a task sets and makes whatever it likes');
is(sql($node, "SELECT output FROM workflow.executions WHERE id = $leave"), '"1234kB"', 'and sees it itself');
is(sql($node, 'SELECT what, who FROM trace'), 'later|a', 'its deferred trigger has fired as its role');

my %work_mem = (a => '7MB', b => '4MB', nologin => '4MB');
for my $role (qw(a b nologin))
{
	my $id = start_execution($node, "look_$role");
	execution_like($node, $id, 'SUCCEEDED', undef, "a task of $role runs");
	is(sql($node, "SELECT output FROM workflow.executions WHERE id = $id"),
		qq({"user":"$role","session":"$role","work_mem":"$work_mem{$role}","search_path":"\\"\$user\\", public"}),
		"and finds its role's settings and nothing else");
}

# A deferred trigger's error is the task's.
sql($node,
	'CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE unique_violation; END $$',
	'CREATE TABLE refused (i int)',
	'GRANT ALL ON refused TO PUBLIC',
	'CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON refused DEFERRABLE INITIALLY DEFERRED
		FOR EACH ROW EXECUTE FUNCTION refuse()',
	'CREATE FUNCTION insert_refused() RETURNS void LANGUAGE sql AS $$ INSERT INTO refused VALUES (1) $$');
create_machine($node, 'refused', chain(Insert => task('public.insert_refused')), run_as => 'a');
execution_like($node, start_execution($node, 'refused'), 'FAILED', 'unique_violation', "a deferred trigger's error");

# --- becoming somebody else ---
sql($node, 'CREATE FUNCTION try(command text) RETURNS text LANGUAGE plpgsql AS $$
		BEGIN
			EXECUTE command;
			RETURN command || $q$: $q$ || current_user || $q$, $q$ || session_user;
		END $$');
create_machine($node, 'try', chain(Try => task('public.try')), run_as => 'a');
my $superuser = sql($node, 'SELECT current_user');
for my $command ("SET ROLE $superuser", 'SET ROLE friend', 'SET ROLE none', 'RESET ROLE', 'SET LOCAL ROLE friend',
	"SET SESSION AUTHORIZATION $superuser", 'SET SESSION AUTHORIZATION DEFAULT', 'RESET SESSION AUTHORIZATION',
	q{SELECT set_config('role', 'friend', false)}, q{SELECT set_config('session_authorization', 'friend', true)})
{
	my $id = start_execution($node, 'try', input => json_text({ command => $command }));
	execution_like($node, $id, 'FAILED', 'insufficient_privilege', "refused in a task: $command");
}
for my $command ('RESET ALL', 'DISCARD PLANS')
{
	my $id = start_execution($node, 'try', input => json_text({ command => $command }));
	wait_for_end($node, $id);
	unlike(sql($node, "SELECT coalesce(output::text, 'error') FROM workflow.executions WHERE id = $id"),
		qr/: (?!a, a)/, "changes nothing: $command");
}
for my $command (q{UPDATE workflow.execution SET input = '1'}, q{SELECT * FROM workflow.execution},
	q{DELETE FROM workflow.history}, q{INSERT INTO workflow.ready (role, execution_id, kind) VALUES ('b', 1, 's')})
{
	my $id = start_execution($node, 'try', input => json_text({ command => $command }));
	execution_like($node, $id, 'FAILED', 'insufficient_privilege', "the engine's tables are out of reach: $command");
}

# --- rights to functions and roles ---
sql($node,
	'CREATE FUNCTION private() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
	'REVOKE EXECUTE ON FUNCTION private FROM PUBLIC');
create_machine($node, 'private', chain(Call => task('public.private')), run_as => 'a');
execution_like($node, start_execution($node, 'private'), 'FAILED', 'States.Permissions', 'no EXECUTE right');
sql($node, 'GRANT EXECUTE ON FUNCTION private TO a');
execution_like($node, start_execution($node, 'private'), 'SUCCEEDED', undef, 'with the right');

my $look = chain(Look => task('public.look'));
my ($code, $out, $err) = as_role($node, 'b',
	"SELECT workflow.create_state_machine(name => 'as_a', definition => \$\$$look\$\$, run_as => 'a')");
isnt($code, 0, 'a machine that runs as a role of others is refused');
sql($node, 'CREATE ROLE shared', 'GRANT shared TO b');
($code, $out, $err) = as_role($node, 'b',
	"SELECT workflow.create_state_machine(name => 'as_shared', definition => \$\$$look\$\$, run_as => 'shared')");
is($code, 0, 'one that runs as a role of which the creator is a member is not') or diag($err);
execution_like($node, start_execution($node, 'as_shared'), 'SUCCEEDED', undef, 'it runs');
sql($node, 'REVOKE shared FROM b');
is(wait_for_end($node, start_execution($node, 'as_shared')), 'FAILED', 'until the owner is no member any more');

# A role that is dropped while its machine has ready work: no worker can be that role, and the work does not wait for ever.
sql($node, 'CREATE ROLE dropped');
create_machine($node, 'dropped', $look, run_as => 'dropped');
sql($node, 'SELECT workflow.pause()');
my $orphan = start_execution($node, 'dropped');
sql($node, 'DROP ROLE dropped', 'SELECT workflow.resume()');
execution_like($node, $orphan, 'FAILED', 'States.Permissions', 'a role that was dropped while its work was ready');

# --- seeing and stopping ---
for my $role (qw(a b))
{
	($code, $out, $err) = as_role($node, $role, "SELECT workflow.create_state_machine(name => 'of_$role',
		definition => \$\$$look\$\$); SELECT workflow.start_execution('of_$role', '{}', 'secret-of-$role')");
	is($code, 0, "$role makes a machine and starts it") or diag($err);
}
ok(wait_until($node, "SELECT count(*) FROM workflow.executions WHERE status = 'RUNNING'", '0'), 'both end');
for my $view (qw(executions history_events live_states))
{
	my $id = $view eq 'executions' ? 'id' : 'execution_id';
	my $others = sql($node, "SELECT min(id) FROM workflow.executions WHERE state_machine = 'of_a'");
	($code, $out, $err) = as_role($node, 'b', "SELECT count(*) FROM workflow.$view WHERE $id = $others");
	is("$code $out", '0 0', "b does not see a's rows in $view") or diag($err);
}
($code, $out, $err) = as_role($node, 'a', "SELECT name FROM workflow.executions WHERE state_machine LIKE 'of_%'");
is($out, 'secret-of-a', 'a sees its own') or diag($err);
($code, $out, $err) = as_role($node, 'b', "SELECT workflow.start_execution('of_a')");
isnt($code, 0, "b cannot start a's machine");
my $id = sql($node, "SELECT id FROM workflow.executions WHERE name = 'secret-of-a'");
($code, $out, $err) = as_role($node, 'b', "SELECT workflow.stop_execution($id)");
isnt($code, 0, "b cannot stop a's execution");
($code, $out, $err) = as_role($node, 'b', "SELECT workflow.describe_execution($id)");
isnt($code, 0, "b cannot describe a's execution");

$node->stop;
done_testing();
