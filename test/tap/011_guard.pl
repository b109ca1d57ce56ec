# Nobody gains rights: whatever a role puts into a search_path, a cursor, a temporary table or a deferred trigger, it is
# run as nobody but that role, in its tasks and in its own sessions; and what a task sets is gone with it.
#
# Each trap looks at current_user and session_user and, if they are not its role's, draws a number from the sequence
# "alarm": a sequence is not rolled back.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use Test::More;
use WorkflowTest;

my $node = new_node('guard', workers => 2, conf => "workflow.workers_per_role = 1\nworkflow.worker_idle_timeout = '1h'\n"
	  . "workflow.batch_budget = '40ms'");
my $superuser = sql($node, 'SELECT current_user');

# Two roles with nothing: as a worker connects as the one, and adopts the other (NOLOGIN, before PostgreSQL 17).
sql($node, <<'SQL');
CREATE ROLE mallory LOGIN;
CREATE ROLE dark NOLOGIN;
CREATE ROLE friend;
GRANT friend TO mallory, dark;
GRANT USAGE ON SCHEMA workflow TO mallory, dark;
CREATE SCHEMA evil;
GRANT ALL ON SCHEMA evil TO mallory, dark, PUBLIC;
CREATE SEQUENCE evil.alarm;
CREATE TABLE evil.seen (what text, who name DEFAULT current_user, really name DEFAULT session_user);
GRANT ALL ON evil.seen, evil.alarm TO PUBLIC;
SQL

sub alarms { return sql($node, q{SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM evil.alarm}); }

sub no_alarm
{
	my ($test) = @_;
	my $super = sql($node, q{SELECT string_agg(rolname, ',') FROM pg_roles WHERE rolname IN ('mallory', 'dark') AND rolsuper});
	is(alarms() . $super, '0', $test) or diag(sql($node, 'SELECT DISTINCT * FROM evil.seen'));
	sql($node, q{ALTER ROLE mallory NOSUPERUSER; ALTER ROLE dark NOSUPERUSER; SELECT setval('evil.alarm', 1, false);
		TRUNCATE evil.seen});
	return;
}

# Several executions started by one commit; returns their ids.
sub start_all
{
	my ($machine, @input) = @_;
	my $list = join(', ', map { '$json$' . json_text($_) . '$json$' } @input);
	return split /\n/,
	  sql($node, "SELECT workflow.start_execution('$machine', i) FROM unnest(ARRAY[$list]::jsonb[]) i");
}

# Is all that was started done?
sub all_end
{
	my ($test) = @_;
	return ok(wait_until($node, "SELECT count(*) FROM workflow.executions WHERE status = 'RUNNING'", '0'), $test);
}

# Several executions, to their end.
sub run_all
{
	my @id = start_all(@_);
	all_end("$_[0]: all end");
	return @id;
}

# What the executions came to, each different outcome once.
sub outcomes
{
	return sql($node, 'SELECT DISTINCT concat_ws($q$ $q$, status, error, output) FROM workflow.executions WHERE id IN ('
		  . join(',', @_) . ') ORDER BY 1');
}

# Runs a function as a role, many times in shared transactions, so that it is known to be fast.
sub warm_up
{
	my ($machine, $input) = @_;
	run_all($machine, ($input) x 30) for 1 .. 2;
	return;
}

# --- a schema of the role's own before pg_catalog ---

# The operators, for the types that the engine's tables have.  Each checks as whom it runs, and gives the right answer.
sql($node, <<'SQL');
CREATE FUNCTION evil.check(what text) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog AS $f$
BEGIN
    INSERT INTO evil.seen VALUES (what);
    IF current_user NOT IN ('mallory', 'dark') OR session_user NOT IN ('mallory', 'dark') THEN
        PERFORM nextval('evil.alarm');
        BEGIN
            ALTER ROLE mallory SUPERUSER;
            ALTER ROLE dark SUPERUSER;
        EXCEPTION WHEN OTHERS THEN NULL;
        END;
    END IF;
END $f$;
SET ROLE mallory;
DO $do$
DECLARE
    type text;
    op text;
BEGIN
    FOREACH type IN ARRAY ARRAY['bigint', 'int', 'smallint', 'oid', 'text', 'name', '"char"', 'boolean', 'timestamptz', 'uuid'] LOOP
        FOREACH op IN ARRAY ARRAY['=', '<>', '<', '<=', '>', '>='] LOOP
            EXECUTE format($q$CREATE FUNCTION evil.%I(a %s, b %s) RETURNS boolean LANGUAGE plpgsql AS
                $f$ BEGIN PERFORM evil.check(%L); RETURN a OPERATOR(pg_catalog.%s) b; END $f$ $q$,
                op || type, type, type, op || ' ' || type, op);
            EXECUTE format('CREATE OPERATOR evil.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = evil.%I)', op, type, type, op || type);
        END LOOP;
    END LOOP;
END $do$;
CREATE FUNCTION evil.nextval(text) RETURNS bigint LANGUAGE plpgsql AS
    $$ BEGIN PERFORM evil.check('nextval'); RETURN pg_catalog.nextval($1::regclass); END $$;
CREATE FUNCTION evil.now() RETURNS timestamptz LANGUAGE plpgsql AS
    $$ BEGIN PERFORM evil.check('now'); RETURN pg_catalog.now(); END $$;
-- runs statements, and says what went wrong
CREATE FUNCTION evil.run(statements text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    statement text;
    problems text;
BEGIN
    FOREACH statement IN ARRAY statements LOOP
        BEGIN
            EXECUTE statement;
        EXCEPTION WHEN OTHERS THEN
            problems := concat_ws('; ', problems, statement || ': ' || SQLERRM);
        END;
    END LOOP;
    RETURN problems;
END $$;
CREATE FUNCTION evil.run_with_option(statements text[]) RETURNS text LANGUAGE plpgsql SET search_path = evil, pg_catalog AS
    $$ BEGIN RETURN evil.run(statements); END $$;
CREATE FUNCTION evil.run_with_set(statements text[]) RETURNS text LANGUAGE plpgsql AS
    $$ BEGIN SET search_path = evil, pg_catalog; RETURN evil.run(statements); END $$;
CREATE FUNCTION evil.look() RETURNS text LANGUAGE sql AS
    $$ SELECT concat_ws(' ', current_user, session_user, current_setting('search_path')) $$;
SQL
my $pass = chain(Pass => { Type => 'Pass', End => JSON::PP::true });
create_machine($node, 'target', $pass);
sql($node, qq{SELECT workflow.grant_state_machine('target', '$_', 'start', 'read', 'manage')}) for qw(mallory dark);
my $target = start_execution($node, 'target', name => 'target-1');
all_end('an execution to look at ends');
my $arn = sql($node, "SELECT arn FROM workflow.executions WHERE id = $target");

sub calls
{
	my ($who) = @_;
	return map { s/WHO/$who/gr } (
		"SELECT workflow.describe_execution($target)",
		"SELECT workflow.describe_execution('target-1')",
		qq{SELECT workflow.api('DescribeExecution', '{"executionArn": "$arn"}')},
		qq{SELECT workflow.api('GetExecutionHistory', '{"executionArn": "$arn"}')},
		q{SELECT workflow.start_execution('target', '{}', 'of-WHO')},
		q{SELECT workflow.start_execution('target', '{}', 'of-WHO')},
		q{SELECT workflow.stop_execution('of-WHO')},
		q{SELECT workflow.list_executions('target')},
		q{SELECT workflow.list_state_machines()},
		q{SELECT workflow.describe_state_machine('target')},
		qq{SELECT workflow.get_execution_history($target)},
		qq{SELECT workflow.wait_for_execution($target, '1 s')},
		qq{SELECT workflow.create_state_machine('of-WHO', '$pass')},
		qq{SELECT workflow.update_state_machine('of-WHO', '$pass ')},
		q{SELECT workflow.grant_state_machine('of-WHO', 'friend', 'read')},
		q{SELECT workflow.map_resource('arn:aws:lambda:*:function:WHO', 'function:evil.look')},
		q{SELECT workflow.delete_state_machine('of-WHO')},
		'SELECT * FROM workflow.executions',
		'SELECT * FROM workflow.history_events');
}

for my $role (qw(mallory dark))
{
	create_machine($node, "${_}_$role", chain(Run => task("evil.$_")), run_as => $role)
	  for qw(run_with_option run_with_set look);
	for my $way (qw(option set))
	{
		my ($id) = start_all("run_with_${way}_$role", { statements => [ calls("$role-$way") ] });
		execution_like($node, $id, 'SUCCEEDED', undef, "$role calls everything under its own search_path, by $way");
		is(sql($node, "SELECT output FROM workflow.executions WHERE id = $id"), 'null', 'without an error');
		no_alarm("nothing of $role\'s runs as somebody else (search_path by $way)");
	}
	# Known to be fast, and so in a batch, is another way through the engine.
	warm_up("run_with_set_$role", { statements => ["SELECT workflow.describe_execution($target)"] });
	no_alarm("nor in shared transactions of $role");
	is(outcomes(run_all("look_$role", ({}) x 3)),
		qq(SUCCEEDED "$role $role \\"\$user\\", public"), "the next tasks of $role find its own search_path");
}
my ($code, $out, $err) = as_role($node, 'mallory',
	# in one transaction: the name of an execution that has ended meanwhile could not be given again
	"SET search_path = evil, pg_catalog;\nBEGIN;\n" . join(";\n", calls('mallory-session')) . ";\nSELECT evil.run_with_option(ARRAY["
	  . join(', ', map { "\$s\$$_\$s\$" } calls('mallory-function')) . "]);\nCOMMIT");
is($code, 0, 'the same calls in a session of its own go well') or diag($err);
no_alarm('and nothing runs as somebody else');

# The role's own setting, which its worker starts with.
for my $role (qw(mallory dark))
{
	sql($node, "ALTER ROLE $role SET search_path = evil, pg_catalog");
	terminate_backend($node, 'workflow worker');
	my ($id) = start_all("run_with_set_$role", { statements => [ calls("$role-role") ] });
	execution_like($node, $id, 'SUCCEEDED', undef, "$role has a search_path of its own from the start");
	is(sql($node, "SELECT output FROM workflow.executions WHERE id = $id"), 'null', 'without an error');
	is(outcomes(run_all("look_$role", ({}) x 3)), qq(SUCCEEDED "$role $role evil, pg_catalog"), 'its tasks have it');
	no_alarm("nothing of $role\'s runs as somebody else (search_path by ALTER ROLE)");
	sql($node, "ALTER ROLE $role RESET search_path");
}
terminate_backend($node, 'workflow worker');

# --- a cursor that is read at the commit ---

sql($node, <<"SQL");
CREATE FUNCTION evil.try_all(what text) RETURNS void LANGUAGE plpgsql AS \$f\$
DECLARE
    command text;
BEGIN
    FOREACH command IN ARRAY ARRAY['SET SESSION AUTHORIZATION "$superuser"', 'RESET SESSION AUTHORIZATION',
        'SET ROLE "$superuser"', 'SET ROLE friend', 'RESET ROLE', 'SET ROLE friend',
        'ALTER ROLE mallory SUPERUSER', 'SET search_path = evil, pg_catalog', 'SET work_mem = ''77MB''',
        'SET session_replication_role = replica', 'SET default_transaction_read_only = on',
        'SET lock_timeout = 1', 'CREATE TEMP TABLE ready (i int)'] LOOP
        BEGIN
            EXECUTE command;
        EXCEPTION WHEN OTHERS THEN NULL;
        END;
        PERFORM evil.check(what || ': ' || command);
    END LOOP;
END \$f\$;
CREATE FUNCTION evil.late() RETURNS int LANGUAGE plpgsql AS \$f\$
BEGIN
    INSERT INTO evil.queue VALUES (1);
    PERFORM evil.try_all('cursor');
    RETURN 1;
END \$f\$;
CREATE FUNCTION evil.later() RETURNS trigger LANGUAGE plpgsql AS \$f\$
    BEGIN PERFORM evil.try_all('trigger'); RETURN NULL; END \$f\$;
CREATE TABLE evil.queue (i int);
GRANT ALL ON evil.queue TO PUBLIC;
CREATE CONSTRAINT TRIGGER later AFTER INSERT ON evil.queue DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION evil.later();
CREATE FUNCTION evil.hold() RETURNS void LANGUAGE plpgsql AS \$f\$
    BEGIN EXECUTE 'DECLARE c CURSOR WITH HOLD FOR SELECT evil.late()'; END \$f\$;
-- A cursor that fails when it is read.
CREATE FUNCTION evil.hold_failure() RETURNS void LANGUAGE plpgsql AS \$f\$
    BEGIN EXECUTE 'DECLARE c CURSOR WITH HOLD FOR SELECT 1 / (random() * 0)::int'; END \$f\$;
CREATE FUNCTION evil.look_closely() RETURNS text LANGUAGE sql AS \$f\$ SELECT concat_ws(' ', current_user, session_user,
    current_setting('search_path'), current_setting('role'), current_setting('work_mem'),
    current_setting('session_replication_role'), to_regclass('pg_temp.ready')) \$f\$;
SQL
for my $role (qw(mallory dark))
{
	create_machine($node, "${_}_$role", chain(Run => task("evil.$_")), run_as => $role) for qw(hold hold_failure look_closely);
	for my $machine (qw(hold hold_failure))
	{
		for my $n (1, 10)    # alone, and beside others
		{
			my @held = start_all("${machine}_$role", ({}) x $n);
			push @held, start_all("look_closely_$role", ({}) x 5);
			all_end("$machine: " . @held . " executions of $role end");
		}
		no_alarm("a cursor that is read at the commit gains nothing ($machine, $role)");
		is(outcomes(run_all("look_closely_$role", ({}) x 30)), qq(SUCCEEDED "$role $role \\"\$user\\", public none 4MB origin"),
			"and find the settings of $role");
	}
	is(wait_for_end($node, start_execution($node, 'target')), 'SUCCEEDED', 'the engine works');
	no_alarm("nothing has been left behind for the engine ($role)");
}

# --- one role's machine within another role's task ---

sql($node, <<'SQL');
CREATE ROLE lo LOGIN;
CREATE ROLE hi LOGIN;
GRANT lo TO hi;
CREATE SCHEMA nest;
GRANT ALL ON SCHEMA nest TO PUBLIC;
GRANT USAGE ON SCHEMA workflow TO lo, hi;
CREATE SEQUENCE nest.as_hi;
CREATE SEQUENCE nest.as_lo;
CREATE TABLE nest.accounts (i int);
CREATE TABLE nest.pending (i int);
CREATE TABLE nest.queue (i int);
GRANT ALL ON ALL TABLES IN SCHEMA nest TO PUBLIC;
GRANT ALL ON ALL SEQUENCES IN SCHEMA nest TO PUBLIC;
SET ROLE lo;
-- lo's code must never run as hi
CREATE FUNCTION nest.trap() RETURNS int LANGUAGE plpgsql SET search_path = pg_catalog AS $f$
    BEGIN IF current_user <> 'lo' THEN PERFORM nextval('nest.as_hi'); END IF; RETURN 1; END $f$;
CREATE FUNCTION nest.trap_trigger() RETURNS trigger LANGUAGE plpgsql AS $f$
    BEGIN PERFORM nest.trap(); RETURN NEW; END $f$;
CREATE FUNCTION nest.low(what text) RETURNS void LANGUAGE plpgsql AS $f$
BEGIN
    CASE what
        WHEN 'temporary table' THEN
            CREATE TEMP TABLE accounts (i int);
            CREATE TRIGGER trap BEFORE INSERT ON pg_temp.accounts FOR EACH ROW EXECUTE FUNCTION nest.trap_trigger();
            GRANT ALL ON pg_temp.accounts TO PUBLIC;
        WHEN 'temporary view' THEN
            CREATE TEMP VIEW accounts AS SELECT nest.trap() AS i;
            GRANT ALL ON pg_temp.accounts TO PUBLIC;
        WHEN 'deferred trigger' THEN
            INSERT INTO nest.queue VALUES (1);
        WHEN 'cursor' THEN
            EXECUTE 'DECLARE c CURSOR WITH HOLD FOR SELECT nest.trap()';
        WHEN 'constraints' THEN
            SET CONSTRAINTS ALL IMMEDIATE;
        WHEN 'nothing' THEN
            NULL;
    END CASE;
END $f$;
RESET ROLE;
SET ROLE hi;
-- hi's own trigger must never run as lo
CREATE FUNCTION nest.pending() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $f$
    BEGIN IF current_user <> 'hi' THEN PERFORM nextval('nest.as_lo'); END IF; RETURN NULL; END $f$;
CREATE FUNCTION nest.high(what text) RETURNS text LANGUAGE plpgsql AS $f$
DECLARE
    result jsonb;
BEGIN
    SET search_path = nest, pg_catalog;
    INSERT INTO nest.pending VALUES (1);
    result := workflow.api('StartSyncExecution', jsonb_build_object('stateMachineArn',
        (SELECT arn FROM workflow.state_machines WHERE name = 'low'), 'input', jsonb_build_object('what', what)::text));
    PERFORM FROM accounts;
    INSERT INTO accounts VALUES (1);
    RETURN result ->> 'status';
END $f$;
RESET ROLE;
CREATE CONSTRAINT TRIGGER pending AFTER INSERT ON nest.pending DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION nest.pending();
CREATE CONSTRAINT TRIGGER trap AFTER INSERT ON nest.queue DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION nest.trap_trigger();
SQL
sql($node, q{SELECT workflow.create_state_machine('low', $json$} . chain(Low => task('nest.low'))
	  . q{$json$, 'lo', 'EXPRESS'); SELECT workflow.grant_state_machine('low', 'hi', 'start', 'read')});
create_machine($node, 'high', chain(High => task('nest.high')), run_as => 'hi');
my $called = 'SELECT as_hi.is_called, as_lo.is_called FROM nest.as_hi, nest.as_lo';
for my $what ('nothing', 'temporary table', 'temporary view', 'deferred trigger', 'cursor', 'constraints')
{
	for my $where (qw(task session))
	{
		my $how;
		if ($where eq 'task')
		{
			my ($id) = start_all('high', { what => $what });
			$how = wait_for_end($node, $id);
		}
		else
		{
			($code, $out, $err) = as_role($node, 'hi', "SELECT nest.high('$what')");
			$how = $code == 0 ? "done: $out" : "refused: $err";
		}
		note("$what in a $where: $how");
		is(sql($node, $called), 'f|f', "nested, $what in a $where: no code of lo's runs as hi, none of hi's as lo");
		sql($node, q{SELECT setval('nest.as_hi', 1, false), setval('nest.as_lo', 1, false)});
	}
}
# A machine of the caller's own role is no danger.
sql($node, q{SELECT workflow.create_state_machine('own', $json$} . chain(Low => task('nest.low'))
	  . q{$json$, 'lo', 'EXPRESS'); SELECT workflow.grant_state_machine('own', 'lo', 'start')});
($code, $out, $err) = as_role($node, 'lo',
	q{SELECT status FROM workflow.start_sync_execution('own', '{"what": "deferred trigger"}')});
is("$code $out", '0 SUCCEEDED', "a session runs its own role's machine") or diag($err);

# --- names like the engine's in pg_temp ---

sql($node, <<'SQL');
CREATE FUNCTION evil.shadow() RETURNS text LANGUAGE plpgsql AS $f$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['installation', 'state_machine', 'state_machine_revision', 'execution', 'execution_name',
        'execution_end', 'live_execution', 'frame', 'ready', 'timer', 'inbox', 'history', 'resource_mapping',
        'state_machine_privilege', 'executions', 'pg_proc', 'pg_authid'] LOOP
        EXECUTE format('CREATE TEMP TABLE %I (id bigint, execution_id bigint, role oid)', name);
        EXECUTE format('INSERT INTO pg_temp.%I VALUES (1, 1, 10)', name);
        EXECUTE format('GRANT ALL ON pg_temp.%I TO PUBLIC', name);
    END LOOP;
    CREATE DOMAIN pg_temp.int8 AS text;
    CREATE DOMAIN pg_temp.regrole AS text;
    CREATE DOMAIN pg_temp.json AS text;
    CREATE FUNCTION pg_temp.nextval(text) RETURNS bigint LANGUAGE plpgsql AS
        $$ BEGIN PERFORM evil.check('pg_temp.nextval'); RETURN -1; END $$;
    CREATE FUNCTION pg_temp.nextval(regclass) RETURNS bigint LANGUAGE plpgsql AS
        $$ BEGIN PERFORM evil.check('pg_temp.nextval'); RETURN -1; END $$;
    CREATE FUNCTION pg_temp.to_json(anyelement) RETURNS pg_catalog.json LANGUAGE plpgsql AS
        $$ BEGIN PERFORM evil.check('pg_temp.to_json'); RETURN 'null'; END $$;
    CREATE FUNCTION pg_temp.same(bigint, bigint) RETURNS boolean LANGUAGE plpgsql AS
        $$ BEGIN PERFORM evil.check('pg_temp.='); RETURN false; END $$;
    CREATE OPERATOR pg_temp.= (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = pg_temp.same);
    SET search_path = pg_temp, pg_catalog;
    RETURN concat((workflow.describe_execution('target-1')).id > 0, ' ', workflow.start_execution('target') > 0, ' ',
        (SELECT count(*) > 0 FROM workflow.executions));
END $f$;
SQL
for my $role (qw(mallory dark))
{
	create_machine($node, "shadow_$role", chain(Shadow => task('evil.shadow', ResultPath => undef), Look => task('evil.look')), run_as => $role);
	create_machine($node, "shadow_only_$role", chain(Shadow => task('evil.shadow')), run_as => $role);
	is(outcomes(run_all("shadow_only_$role", {})), 'SUCCEEDED "t t t"',
		"temporary objects with the engine's names change nothing for $role");
	is(outcomes(run_all("shadow_$role", ({}) x 5)), qq(SUCCEEDED "$role $role \\"\$user\\", public"),
		'nor for the states after');
	no_alarm('and nothing runs as somebody else');
}

# --- settings ---

sql($node, <<'SQL');
CREATE ROLE tidy LOGIN;
CREATE ROLE tidy_dark NOLOGIN;
CREATE ROLE tidy_super SUPERUSER LOGIN;
DO $do$
DECLARE
    role text;
    setting text;
BEGIN
    FOREACH role IN ARRAY ARRAY['tidy', 'tidy_dark', 'tidy_super'] LOOP
        FOREACH setting IN ARRAY ARRAY['lock_timeout = ''31s''', 'statement_timeout = ''71s''', 'work_mem = ''7MB''',
            'default_transaction_isolation = ''repeatable read''', 'default_transaction_read_only = on', 'row_security = on',
            'datestyle = ''German, DMY''', 'timezone = ''Asia/Tokyo''', 'synchronous_commit = ''local'''] LOOP
            EXECUTE format('ALTER ROLE %I SET %s', role, setting);
        END LOOP;
    END LOOP;
END $do$;
CREATE SCHEMA tidy;
GRANT USAGE ON SCHEMA tidy TO PUBLIC;
CREATE FUNCTION tidy.work(commands text[] DEFAULT '{}', fail boolean DEFAULT false) RETURNS text LANGUAGE plpgsql AS $f$
DECLARE
    command text;
    name text;
    found text;
BEGIN
    FOREACH command IN ARRAY commands LOOP
        BEGIN
            EXECUTE command;
        EXCEPTION WHEN insufficient_privilege THEN NULL;
        END;
    END LOOP;
    IF fail THEN RAISE division_by_zero; END IF;
    IF cardinality(commands) > 0 THEN RETURN 'set'; END IF;
    FOREACH name IN ARRAY ARRAY['lock_timeout', 'statement_timeout', 'work_mem', 'default_transaction_isolation',
        'default_transaction_read_only', 'row_security', 'datestyle', 'timezone', 'synchronous_commit',
        'session_replication_role', 'search_path', 'enable_seqscan', 'app.secret'] LOOP
        found := concat_ws(' ', found, name || '=' || nullif(current_setting(name, true), ''));
    END LOOP;
    RETURN found || ' pid=' || pg_backend_pid();
END $f$;
SQL
my @set = ("SET lock_timeout = '5s'", "SET statement_timeout = '6s'", "SET work_mem = '99MB'",
	"SET default_transaction_isolation = 'serializable'", 'SET default_transaction_read_only = off', 'SET row_security = off',
	"SET datestyle = 'SQL, MDY'", "SET timezone = 'Europe/Rome'", 'SET synchronous_commit = off',
	'SET session_replication_role = replica', 'SET search_path = evil', 'SET enable_seqscan = off', "SET app.secret = 'x'");
my @set_local = map { s/^SET /SET LOCAL /r } @set;
my @set_config = map { /^SET (\S+) = (.*)$/ ? "SELECT set_config('$1', " . ($2 =~ /'/ ? $2 : "'$2'") . ', false)' : () } @set;
# In a shared transaction the engine has a lock_timeout of its own.
my $own = 'statement_timeout=71s work_mem=7MB default_transaction_isolation=repeatable read '
  . 'default_transaction_read_only=on row_security=on datestyle=German, DMY timezone=Asia/Tokyo synchronous_commit=local '
  . 'session_replication_role=origin search_path=\"$user\", public enable_seqscan=on';
for my $role (qw(tidy tidy_dark tidy_super))
{
	create_machine($node, "settings_$role", chain(Work => task('tidy.work')), run_as => $role);
	warm_up("settings_$role", {});
	my @id;
	for my $commands (\@set, \@set_local, \@set_config)
	{
		for my $fail (JSON::PP::true, JSON::PP::false)
		{
			# Beside others, which are known to be fast.
			push @id, start_all("settings_$role", ({}) x 10, { commands => $commands, fail => $fail }, ({}) x 10);
			all_end("settings are changed, " . ($fail ? 'and the task fails' : 'and the task succeeds') . " ($role)");
		}
	}
	push @id, run_all("settings_$role", ({}) x 5);
	my $seen = sql($node, q{SELECT DISTINCT regexp_replace(output #>> '{}', '^lock_timeout=\S+ | pid=\d+$', '', 'g') FROM workflow.executions
		WHERE status = 'SUCCEEDED' AND output::text <> '"set"' AND id IN (} . join(',', @id) . ')');
	is($seen, $own =~ s/\\"/"/gr, "all other tasks see the settings of $role, and nothing else");

	# The first run of a function is alone.
	sql($node, "CREATE FUNCTION tidy.first_$role() RETURNS text LANGUAGE plpgsql AS 'BEGIN RETURN tidy.work(); END'");
	create_machine($node, "first_$role", chain(Work => task("tidy.first_$role")), run_as => $role);
	push @id, run_all("first_$role", {});
	my ($pid) = sql($node, "SELECT output #>> '{}' FROM workflow.executions WHERE id = $id[-1]") =~ /( pid=\d+)$/;
	is(sql($node, "SELECT output #>> '{}' FROM workflow.executions WHERE id = $id[-1]"),
		'lock_timeout=31s ' . ($own =~ s/\\"/"/gr) . $pid, 'so does a task alone');
	is(sql($node, q{SELECT count(DISTINCT substring(output::text from 'pid=(\d+)')) FROM workflow.executions
		WHERE output::text LIKE '%pid=%' AND id IN (} . join(',', @id) . ')'), '1', 'in one process');
}

# Whatever a role has been given: its executions run, and their times are right.
sql($node, <<'SQL');
CREATE ROLE odd LOGIN;
DO $do$
DECLARE
    setting text;
BEGIN
    FOREACH setting IN ARRAY ARRAY['lock_timeout = 1', 'statement_timeout = 1', 'idle_in_transaction_session_timeout = 1',
        'transform_null_equals = on', 'standard_conforming_strings = off', 'quote_all_identifiers = on', 'array_nulls = off',
        'default_transaction_isolation = serializable', 'default_transaction_read_only = on',
        'default_transaction_deferrable = on', 'datestyle = ''German, DMY''', 'timezone = ''Asia/Kolkata''',
        'intervalstyle = iso_8601', 'extra_float_digits = -15', 'row_security = off', 'enable_indexscan = off',
        'enable_nestloop = off', 'plan_cache_mode = force_custom_plan', 'jit_above_cost = 0', 'bytea_output = escape',
        'check_function_bodies = off', 'xmloption = document', 'client_encoding = ''LATIN1''', 'work_mem = 64',
        'temp_buffers = 100', 'search_path = pg_temp', 'synchronous_commit = off'] LOOP
        EXECUTE format('ALTER ROLE odd SET %s', setting);
    END LOOP;
END $do$;
CREATE TABLE tidy.effect (execution text, at timestamptz DEFAULT clock_timestamp());
GRANT ALL ON tidy.effect TO PUBLIC;
CREATE FUNCTION tidy.note(execution text) RETURNS void LANGUAGE sql AS $f$ INSERT INTO tidy.effect VALUES (execution) $f$;
SQL
create_machine($node, 'odd', chain(
		Note => task('tidy.note', ResultPath => undef, Parameters => { 'execution.$' => '$$.Execution.Name' }),
		Wait => { Type => 'Wait', Seconds => 1, End => JSON::PP::true },
		Again => task('tidy.note', Parameters => { 'execution.$' => '$$.Execution.Name' })), run_as => 'odd');
my @odd = run_all('odd', ({}) x 30);
is(outcomes(@odd), 'SUCCEEDED null', 'a role with odd settings: its executions run');
is(sql($node, 'SELECT count(*), count(DISTINCT execution) FROM tidy.effect'), '60|30', 'each task once');
is(sql($node, q{SELECT bool_and(at > now() - interval '1 h' AND at <= now()) FROM workflow.history_events WHERE execution_id IN (}
	  . join(',', @odd) . ')'), 't', 'at the right time');

# --- SET CONSTRAINTS ---

sql($node, <<'SQL');
CREATE TABLE tidy.immediate (i int UNIQUE DEFERRABLE INITIALLY IMMEDIATE);
CREATE TABLE tidy.deferred (i int UNIQUE DEFERRABLE INITIALLY DEFERRED);
GRANT ALL ON tidy.immediate, tidy.deferred TO PUBLIC;
INSERT INTO tidy.immediate VALUES (1);
INSERT INTO tidy.deferred VALUES (1);
CREATE FUNCTION tidy.constraints(command text DEFAULT '') RETURNS text LANGUAGE plpgsql AS $f$
DECLARE
    found text := '';
BEGIN
    IF command <> '' THEN
        EXECUTE command;
        RETURN 'set';
    END IF;
    BEGIN
        INSERT INTO tidy.immediate VALUES (1);
        DELETE FROM tidy.immediate WHERE ctid = (SELECT max(ctid) FROM tidy.immediate WHERE i = 1);
        found := 'deferred';
    EXCEPTION WHEN unique_violation THEN
        found := 'immediate';
    END;
    BEGIN
        INSERT INTO tidy.deferred VALUES (1);
        DELETE FROM tidy.deferred WHERE ctid = (SELECT max(ctid) FROM tidy.deferred WHERE i = 1);
        found := found || ' deferred';
    EXCEPTION WHEN unique_violation THEN
        found := found || ' immediate';
    END;
    RETURN found;
END $f$;
CREATE ROLE tidy_constraints LOGIN;
SQL
create_machine($node, 'constraints', chain(Work => task('tidy.constraints')), run_as => 'tidy_constraints');
warm_up('constraints', {});
for my $command ('SET CONSTRAINTS ALL DEFERRED', 'SET CONSTRAINTS ALL IMMEDIATE')
{
	my @id = run_all('constraints', map { ({ command => $command }, {}, {}, {}) } 1 .. 15);
	is(sql($node, q{SELECT DISTINCT output::text FROM workflow.executions WHERE output::text <> '"set"' AND id IN (}
			  . join(',', @id) . ')'), '"immediate deferred"', "$command concerns its own task alone");
}
is(outcomes(run_all('constraints', {})), 'SUCCEEDED "immediate deferred"', 'a task of a later batch finds them as they were declared');

# --- the server is as before ---
no_alarm('no trap has caught anybody');
is(sql($node, "SELECT count(*) FROM workflow.executions WHERE status = 'RUNNING'"), '0', 'nothing hangs');
$node->stop;
done_testing();
