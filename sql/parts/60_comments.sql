-- Comments on everything public.

COMMENT ON FUNCTION workflow.api(text, jsonb) IS
'The service''s own interface: action is one of its actions (''StartExecution''), request and result are its JSON, field for field. JSON that the service passes as text stays text; times are seconds since 1970. Errors have an SQLSTATE of class WF and the message "Code: text".';

COMMENT ON FUNCTION workflow.create_state_machine(text, text, regrole, text) IS
'Makes a state machine from a definition in the Amazon States Language and returns its ARN. run_as: the role as which its tasks run, by default the caller; the caller must be a member of it. type: STANDARD or EXPRESS. The same call once more changes nothing and returns the same. Errors: InvalidName, InvalidDefinition, StateMachineAlreadyExists, StateMachineDeleting, AccessDeniedException.';
COMMENT ON FUNCTION workflow.update_state_machine(text, text, regrole) IS
'Gives a state machine (name or ARN) a new definition, a new role, or both, and returns the id of the new revision (null: nothing has changed since it was made). Running executions keep theirs. The caller must manage the machine and be a member of its role.';
COMMENT ON FUNCTION workflow.delete_state_machine(text) IS
'Deletes a state machine (name or ARN). Its running executions are aborted; when the last has ended the name is free. Nothing happens if there is none.';
COMMENT ON FUNCTION workflow.describe_state_machine(text) IS
'One state machine (name or ARN) with its current definition. Error: StateMachineDoesNotExist.';
COMMENT ON FUNCTION workflow.list_state_machines() IS
'The state machines that the caller may use, by name.';
COMMENT ON FUNCTION workflow.validate_state_machine_definition(text, text) IS
'Everything that is wrong with a definition, one row each: severity ERROR or WARNING, code, message, and location (/States/A/Choices[0]/Next; null: nowhere in particular). No row: it is right. type: STANDARD or EXPRESS.';
COMMENT ON FUNCTION workflow.evaluate(text, jsonb, jsonb, jsonb) IS
'What an expression gives: a path (''$.a''), a call of an intrinsic function (''States.UUID()''), JSONata between {% and %}, or a template, JSON with such expressions in it. It sees the input ($; $states.input), variables ($name) and the context object ($$; $states.context). Errors: InvalidDefinition where it cannot be read; a data exception with the name and the cause of the state''s failure where it fails.';
COMMENT ON FUNCTION workflow.grant_state_machine(text, text, text[]) IS
'Gives a role (or PUBLIC) privileges on a state machine (name or ARN): start (start and stop executions), read (see the machine, its executions and their data), manage (change, delete, tag, grant; includes the others). The caller must manage the machine.';
COMMENT ON FUNCTION workflow.revoke_state_machine(text, text, text[]) IS
'Takes privileges on a state machine (start, read, manage) from a role or PUBLIC. The owner''s cannot be taken.';
COMMENT ON FUNCTION workflow.set_logging(text, text, boolean, text) IS
'What is logged of the executions of a state machine (name or ARN) that are started from now on: level ALL (every event), ERROR (what goes wrong), FATAL (executions that fail, time out or are aborted) or OFF; with inputs, outputs and variables or not; under the name of a log group, by default the machine''s own name. Returns the id of the new revision. The view log_events shows it. The caller must manage the machine and be a member of its role.';
COMMENT ON FUNCTION workflow.set_retention(text, interval) IS
'How long executions of this machine stay once they have ended, with their histories; null: as long as workflow.retention says. Needs manage.';
COMMENT ON FUNCTION workflow.map_resource(text, text, regrole) IS
'Runs a foreign resource as local work: tasks whose resource fits the pattern, an ARN in which an asterisk stands for any text, call this resource instead (''function:schema.name''). A pattern that exists is replaced; resource null removes it. Holds for machines that run as for_role; by default, for all machines if a superuser says it, otherwise for those that run as the caller.';

COMMENT ON FUNCTION workflow.start_execution(text, jsonb, text) IS
'Starts an execution of a state machine (name or ARN) and returns its id. It belongs to this transaction: it begins at the commit, and never after a rollback. name: unique within the machine; null: one is made. The same name and input again, while it runs, returns the same id. Errors: StateMachineDoesNotExist, StateMachineDeleting, ExecutionAlreadyExists, InvalidName, InvalidExecutionInput, AccessDeniedException.';
COMMENT ON FUNCTION workflow.start_execution_trigger() IS
'For triggers AFTER INSERT, UPDATE or DELETE FOR EACH ROW: starts an execution as start_execution() does, for whoever changes the row. Arguments: the state machine; optionally the execution''s name, in which {column} stands for the row''s value. The input has operation, schema, table, new and old (rows, or null).';
COMMENT ON FUNCTION workflow.start_sync_execution(text, jsonb, text) IS
    'Runs an execution of an EXPRESS state machine (its name or ARN) in the calling transaction and returns its end: '
    'status SUCCEEDED, FAILED or TIMED_OUT (after 5 minutes at most), output or error and cause. Nothing of it is stored '
    'but what its tasks do, which is rolled back with the caller. The caller must be a member of the machine''s role. '
    'Errors: StateMachineDoesNotExist, StateMachineTypeNotSupported (a STANDARD machine), InvalidExecutionInput, InvalidName.';
COMMENT ON FUNCTION workflow.stop_execution(bigint, text, text) IS
'Aborts an execution, with this error (at most 256 characters) and cause (at most 32768), and returns when. A running task is cancelled and its effects are rolled back. One that has ended stays as it is.';
COMMENT ON FUNCTION workflow.stop_execution(text, text, text) IS
'The same, by the execution''s ARN, or by its name if only one has it.';
COMMENT ON FUNCTION workflow.describe_execution(bigint) IS
'One execution: its status (RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED), input, and what came out. Error: ExecutionDoesNotExist.';
COMMENT ON FUNCTION workflow.describe_execution(text) IS
'The same, by the execution''s ARN, or by its name if only one has it.';
COMMENT ON FUNCTION workflow.list_executions(text, text, integer) IS
'The newest executions of a state machine (name or ARN), at most max_results (null: all), of this status (null: any): in the order of their start, those of a status other than RUNNING in the order of their end.';
COMMENT ON FUNCTION workflow.get_execution_history(bigint, boolean) IS
'What happened in an execution, event by event; details as JSON. reverse_order: the last event first.';
COMMENT ON FUNCTION workflow.get_execution_history(text, boolean) IS
'The same, by the execution''s ARN, or by its name if only one has it.';
COMMENT ON FUNCTION workflow.list_map_runs(bigint) IS
'The Map Runs that an execution''s distributed Maps have started, the newest first: their ARNs, labels and statuses, and how many items they have. Error: ExecutionDoesNotExist.';
COMMENT ON FUNCTION workflow.list_map_runs(text) IS
'The same, by the execution''s ARN, or by its name if only one has it.';
COMMENT ON FUNCTION workflow.describe_map_run(text) IS
'One Map Run, by its ARN: its status (RUNNING, SUCCEEDED, FAILED, ABORTED), its limits, and how many items, and how many children, are pending, run and have ended in which way. Error: ResourceNotFound.';
COMMENT ON FUNCTION workflow.update_map_run(text, bigint, double precision, bigint) IS
'Changes the limits of a Map Run that is running: how many children may run at once (0: as many as the service allows), and how many items may fail. What is null stays as it is. Takes the privilege start. Errors: ResourceNotFound, ValidationException.';
COMMENT ON FUNCTION workflow.wait_for_execution(bigint, interval) IS
'Waits until an execution has ended, at most timeout and never more than 60 seconds, and returns its status (RUNNING: the time was over first). An execution that this transaction started cannot be waited for. For longer waits there is a procedure, which holds no snapshot meanwhile.';
COMMENT ON PROCEDURE workflow.wait_for_execution(bigint, interval, text) IS
'Waits until an execution has ended, at most timeout; status is then its status (RUNNING: the time was over first). Commits the present transaction, and holds no snapshot while it waits: CALL workflow.wait_for_execution(42, ''1 hour'', NULL).';

COMMENT ON FUNCTION workflow.create_activity(text) IS
'Makes an activity, whose tasks workers outside poll for, and returns its ARN. Who makes it owns it; its role''s members manage it and poll it, and grant_activity() gives that to others. One that is there stays as it is. Errors: InvalidName, ActivityAlreadyExists (another role''s).';
COMMENT ON FUNCTION workflow.describe_activity(text) IS
'One activity, by name or ARN. Error: ActivityDoesNotExist.';
COMMENT ON FUNCTION workflow.list_activities() IS
'The activities that the current role may poll, by name.';
COMMENT ON FUNCTION workflow.delete_activity(text) IS
'Deletes an activity, if it is there. Tasks that nobody has taken wait on, until they time out or their executions are stopped.';
COMMENT ON FUNCTION workflow.grant_activity(text, text, text[]) IS
'Gives a role (or PUBLIC) privileges on an activity (name or ARN): poll (see it, and take its tasks), manage (delete, tag, grant; includes the other). The caller must manage the activity.';
COMMENT ON FUNCTION workflow.revoke_activity(text, text, text[]) IS
'Takes privileges on an activity (poll, manage) from a role or PUBLIC. The owner''s cannot be taken.';
COMMENT ON TYPE workflow.activity_work IS 'A task that a worker has taken; both are null if there was none.';
COMMENT ON FUNCTION workflow.get_activity_task(text, text, interval) IS
'Takes the next task of an activity: its token and its input. To be called in FROM. Waits for one, at most `wait` and never more than 60 seconds; both are null if none came. It is taken, and its time begins, when this transaction commits. worker_name (at most 80 characters) stands in the history. For longer waits there is a procedure, which holds no snapshot meanwhile. Errors: ActivityDoesNotExist, ActivityWorkerLimitExceeded.';
COMMENT ON PROCEDURE workflow.get_activity_task(text, text, interval, text, json) IS
'Takes the next task of an activity, and waits for one at most `wait`. Commits the present transaction, and holds no snapshot while it waits: CALL workflow.get_activity_task(''approve'', ''worker 7'', ''1 hour'', NULL, NULL).';
COMMENT ON FUNCTION workflow.send_task_success(text, jsonb) IS
'Answers the task of this token: output is its result. Whoever has the token may, once, with this transaction. Errors: InvalidToken, TaskTimedOut (it has been answered, has timed out, or its execution has ended), InvalidOutput.';
COMMENT ON FUNCTION workflow.send_task_failure(text, text, text) IS
'Fails the task of this token, with this error (at most 256 characters) and cause (at most 32768), either of which may be null. Errors: InvalidToken, TaskTimedOut.';
COMMENT ON FUNCTION workflow.send_task_heartbeat(text) IS
'Says that the task of this token is still worked on: its HeartbeatSeconds begin anew. Errors: InvalidToken, TaskTimedOut.';

COMMENT ON FUNCTION workflow.notification_payload(uuid) IS
'The payload of a notification that was too large for NOTIFY, by the id that the notification says; null: it has left with its execution. Whoever got the notification may read it.';

COMMENT ON FUNCTION workflow.raise(text, text) IS
'Inside a task''s function: fails the task with this error name (1 to 256 bytes), for Retry and Catch to meet, and this cause (at most 32768 bytes).';
COMMENT ON FUNCTION workflow.context() IS
'Inside a task''s function: the context object of the task that runs. Elsewhere null.';
COMMENT ON FUNCTION workflow.run_until_idle(boolean) IS
'Runs what can be run now in this session, without workers, and returns the number of steps done. advance_clock: when nothing is left to do, moves the test clock (workflow.clock) to the next timer and goes on.';
COMMENT ON PROCEDURE workflow.purge(interval, text, bigint) IS
'Deletes executions that have ended, with all that is stored of them: those that ended longer ago than this; or, null, longer than their machine''s retention. Of one machine; or, null, of all that the caller may manage, where a machine''s own longer retention counts. For administrators, and whom they grant it. Commits every few milliseconds, unless it is called in a transaction block. Gives the number of executions.';
COMMENT ON FUNCTION workflow.resume() IS
'Lets executions run in this database: after pause(), or because the database is a copy (restored, made from a template, upgraded), in which all stand still until an administrator says so.';
COMMENT ON FUNCTION workflow.pause() IS
'Lets all executions of this database stand still: nothing is begun until resume(). What runs at the moment goes on to its end.';
COMMENT ON FUNCTION workflow.worker_processes() IS
'The processes of workflow in all databases; see the view workers.';

COMMENT ON FUNCTION workflow.unpack_history(integer, timestamptz, json) IS
    'The events in one row of workflow.history, whose first one has this number and time.';
COMMENT ON FUNCTION workflow.unpack_log(integer, timestamptz, json, text, boolean) IS
    'Those of the same events that a level (ALL, ERROR, FATAL, OFF) logs; without inputs, outputs and variables unless with_data.';
COMMENT ON FUNCTION workflow.frame_status("char") IS 'The word for a stored status: ready, task, waiting, retrying, joining, ended.';
COMMENT ON FUNCTION workflow.generated_execution_name(bigint) IS 'The name of an execution that was given none, made from its id.';
COMMENT ON FUNCTION workflow.state_machine_arn(text) IS 'The ARN of the state machine of this name.';
COMMENT ON FUNCTION workflow.map_run_arn(text, text, text) IS 'The ARN of a state machine''s Map Run, by its Map''s label and its UUID.';
COMMENT ON FUNCTION workflow.execution_arn(text, text) IS 'The ARN of the execution of this name of a state machine.';
COMMENT ON FUNCTION workflow.express_execution_arn(text, text, bigint) IS 'The ARN of an execution of an EXPRESS state machine: its name is not unique, its id is.';

COMMENT ON VIEW workflow.readable_state_machine IS 'Ids of the state machines that the current role may read.';
COMMENT ON COLUMN workflow.readable_state_machine.id IS 'Number of the state machine.';

COMMENT ON VIEW workflow.state_machines IS 'The state machines that the current role may read, each with its current revision.';
COMMENT ON COLUMN workflow.state_machines.id IS 'Number of the state machine.';
COMMENT ON COLUMN workflow.state_machines.name IS 'Its name, unique in the database.';
COMMENT ON COLUMN workflow.state_machines.arn IS 'Its ARN; begins with the setting workflow.arn_prefix.';
COMMENT ON COLUMN workflow.state_machines.type IS 'STANDARD or EXPRESS.';
COMMENT ON COLUMN workflow.state_machines.status IS 'ACTIVE; DELETING while executions of a deleted machine end.';
COMMENT ON COLUMN workflow.state_machines.owner IS 'The role that made it and manages it.';
COMMENT ON COLUMN workflow.state_machines.run_as IS 'The role as which its tasks run.';
COMMENT ON COLUMN workflow.state_machines.role_arn IS 'The same, as an ARN.';
COMMENT ON COLUMN workflow.state_machines.revision IS 'Id of the current revision; null for the first.';
COMMENT ON COLUMN workflow.state_machines.definition IS 'The current definition, as it was given.';
COMMENT ON COLUMN workflow.state_machines.configuration IS 'loggingConfiguration, tracingConfiguration, encryptionConfiguration.';
COMMENT ON COLUMN workflow.state_machines.created_at IS 'When it was made.';
COMMENT ON COLUMN workflow.state_machines.updated_at IS 'When it was last changed; null: never.';
COMMENT ON COLUMN workflow.state_machines.retention IS 'How long executions stay that have ended; null: as long as workflow.retention says.';

COMMENT ON VIEW workflow.state_machine_privileges IS 'What was granted on state machines, beside what their owners may.';
COMMENT ON COLUMN workflow.state_machine_privileges.state_machine_id IS 'Number of the state machine.';
COMMENT ON COLUMN workflow.state_machine_privileges.state_machine IS 'Its name.';
COMMENT ON COLUMN workflow.state_machine_privileges.grantee IS 'The role, or PUBLIC.';
COMMENT ON COLUMN workflow.state_machine_privileges.privilege IS 'start, read or manage.';

COMMENT ON VIEW workflow.executions IS 'The executions that the current role may read. Those of EXPRESS state machines stay as long as workflow.express_retention says; of synchronous ones only such as their machine logs.';
COMMENT ON COLUMN workflow.executions.id IS 'Number of the execution.';
COMMENT ON COLUMN workflow.executions.name IS 'Its name, given or made from the id.';
COMMENT ON COLUMN workflow.executions.state_machine IS 'Name of its state machine.';
COMMENT ON COLUMN workflow.executions.status IS 'RUNNING, SUCCEEDED, FAILED, TIMED_OUT or ABORTED.';
COMMENT ON COLUMN workflow.executions.input IS 'What it was started with.';
COMMENT ON COLUMN workflow.executions.output IS 'Its result, if it SUCCEEDED.';
COMMENT ON COLUMN workflow.executions.error IS 'Name of the error with which it ended, if any.';
COMMENT ON COLUMN workflow.executions.cause IS 'The error''s cause, if any.';
COMMENT ON COLUMN workflow.executions.started_at IS 'When it was started.';
COMMENT ON COLUMN workflow.executions.stopped_at IS 'When it ended; null while it runs.';
COMMENT ON COLUMN workflow.executions.arn IS 'Its ARN.';
COMMENT ON COLUMN workflow.executions.type IS 'Its state machine''s: STANDARD or EXPRESS.';
COMMENT ON COLUMN workflow.executions.state_machine_id IS 'Number of its state machine.';
COMMENT ON COLUMN workflow.executions.revision_id IS 'Number of the revision that it runs.';
COMMENT ON COLUMN workflow.executions.trace_header IS 'The traceHeader that StartExecution was given.';
COMMENT ON COLUMN workflow.executions.parent_id IS 'The execution whose task started this one; null: none did.';

COMMENT ON COLUMN workflow.executions.map_run_id IS 'Of a distributed Map''s child: number of the Map Run.';
COMMENT ON COLUMN workflow.executions.map_items IS 'Of a distributed Map''s child: how many items it works on.';

COMMENT ON VIEW workflow.map_runs IS 'The Map Runs of distributed Maps. What their children did is counted from time to time, not at each end.';
COMMENT ON COLUMN workflow.map_runs.id IS 'Number of the Map Run.';
COMMENT ON COLUMN workflow.map_runs.arn IS 'Its ARN.';
COMMENT ON COLUMN workflow.map_runs.execution_id IS 'Number of the execution whose Map it is.';
COMMENT ON COLUMN workflow.map_runs.state_machine IS 'Name of its state machine.';
COMMENT ON COLUMN workflow.map_runs.label IS 'The Map''s Label, or one made of its name.';
COMMENT ON COLUMN workflow.map_runs.status IS 'RUNNING, SUCCEEDED, FAILED or ABORTED.';
COMMENT ON COLUMN workflow.map_runs.type IS 'STANDARD, or EXPRESS: of the children''s histories only what the machine logs is kept.';
COMMENT ON COLUMN workflow.map_runs.started_at IS 'When it was started.';
COMMENT ON COLUMN workflow.map_runs.stopped_at IS 'When it ended; null while it runs.';
COMMENT ON COLUMN workflow.map_runs.max_concurrency IS 'How many children may run at once; 0: as many as the service allows.';
COMMENT ON COLUMN workflow.map_runs.tolerated_failure_count IS 'Items that may fail; null: not said.';
COMMENT ON COLUMN workflow.map_runs.tolerated_failure_percentage IS 'The part of the items that may fail; null: not said.';
COMMENT ON COLUMN workflow.map_runs.items IS 'Items; null while they are being read.';
COMMENT ON COLUMN workflow.map_runs.items_started IS 'Items that children have been started for.';
COMMENT ON COLUMN workflow.map_runs.items_succeeded IS 'Items of children that SUCCEEDED.';
COMMENT ON COLUMN workflow.map_runs.items_failed IS 'Items of children that FAILED.';
COMMENT ON COLUMN workflow.map_runs.items_timed_out IS 'Items of children that TIMED_OUT.';
COMMENT ON COLUMN workflow.map_runs.items_aborted IS 'Items of children that were ABORTED.';
COMMENT ON COLUMN workflow.map_runs.started IS 'Children that have been started.';
COMMENT ON COLUMN workflow.map_runs.succeeded IS 'Children that SUCCEEDED.';
COMMENT ON COLUMN workflow.map_runs.failed IS 'Children that FAILED.';
COMMENT ON COLUMN workflow.map_runs.timed_out IS 'Children that TIMED_OUT.';
COMMENT ON COLUMN workflow.map_runs.aborted IS 'Children that were ABORTED.';

COMMENT ON VIEW workflow.history_events IS 'What happened in executions, event by event. Ask for one execution_id: without it all histories are read.';
COMMENT ON COLUMN workflow.history_events.execution_id IS 'Number of the execution.';
COMMENT ON COLUMN workflow.history_events.id IS 'Number of the event within its execution, from 1 without gaps.';
COMMENT ON COLUMN workflow.history_events.previous_id IS 'The event that led to it; 0: none.';
COMMENT ON COLUMN workflow.history_events.type IS 'The service''s word, as in TaskSucceeded.';
COMMENT ON COLUMN workflow.history_events.at IS 'When; never earlier than the event before.';
COMMENT ON COLUMN workflow.history_events.details IS 'What belongs to this type of event: name, input, output, error, cause and the like.';

COMMENT ON VIEW workflow.log_events IS 'What executions log, as the loggingConfiguration says that their machine had when they were started.';
COMMENT ON COLUMN workflow.log_events.log_group IS 'The name of the log group: what follows log-group: in the destination''s ARN.';
COMMENT ON COLUMN workflow.log_events.state_machine IS 'Name of the state machine.';
COMMENT ON COLUMN workflow.log_events.execution_id IS 'Number of the execution.';
COMMENT ON COLUMN workflow.log_events.id IS 'Number of the event within its execution; what is not logged leaves a gap.';
COMMENT ON COLUMN workflow.log_events.previous_id IS 'The event that led to it; 0: none.';
COMMENT ON COLUMN workflow.log_events.type IS 'The service''s word, as in TaskFailed.';
COMMENT ON COLUMN workflow.log_events.at IS 'When; never earlier than the event before.';
COMMENT ON COLUMN workflow.log_events.details IS 'What belongs to this type of event; inputs, outputs and variables only with includeExecutionData.';

COMMENT ON VIEW workflow.live_states IS 'Where running executions stand: a row for the machine itself and for each branch and iteration.';
COMMENT ON COLUMN workflow.live_states.execution_id IS 'Number of the execution.';
COMMENT ON COLUMN workflow.live_states.state_machine IS 'Name of its state machine.';
COMMENT ON COLUMN workflow.live_states.frame IS 'Number of the branch or iteration within the execution; 0: the machine itself.';
COMMENT ON COLUMN workflow.live_states.parent IS 'The frame to which it belongs; null for the machine itself.';
COMMENT ON COLUMN workflow.live_states.index IS 'Which branch or iteration of its state, from 0.';
COMMENT ON COLUMN workflow.live_states.state IS 'Name of the state.';
COMMENT ON COLUMN workflow.live_states.status IS 'ready, task (its task is out), waiting, retrying (until the next attempt), joining (its branches or iterations are out).';
COMMENT ON COLUMN workflow.live_states.attempt IS 'Retries of the state so far.';
COMMENT ON COLUMN workflow.live_states.entered_at IS 'When the state was entered.';
COMMENT ON COLUMN workflow.live_states.due_at IS 'When it goes on (wait, retry) or times out (task).';
COMMENT ON COLUMN workflow.live_states.heartbeat_due_at IS 'When the task fails unless a heartbeat comes.';
COMMENT ON COLUMN workflow.live_states.input IS 'The state''s input.';
COMMENT ON COLUMN workflow.live_states.variables IS 'The variables assigned so far.';

COMMENT ON VIEW workflow.tasks IS 'Tasks that wait for a worker or are being run. Short tasks that a worker runs at once never show here.';
COMMENT ON COLUMN workflow.tasks.execution_id IS 'Number of the execution.';
COMMENT ON COLUMN workflow.tasks.state_machine IS 'Name of its state machine.';
COMMENT ON COLUMN workflow.tasks.frame IS 'Number of the branch or iteration; 0: the machine itself.';
COMMENT ON COLUMN workflow.tasks.state IS 'Name of the state.';
COMMENT ON COLUMN workflow.tasks.role IS 'The role as which it runs.';
COMMENT ON COLUMN workflow.tasks.status IS 'ready, or started.';
COMMENT ON COLUMN workflow.tasks.attempt IS 'Retries so far.';
COMMENT ON COLUMN workflow.tasks.entered_at IS 'When the state was entered.';
COMMENT ON COLUMN workflow.tasks.due_at IS 'When it times out; null: never.';
COMMENT ON COLUMN workflow.tasks.heartbeat_due_at IS 'When it fails unless a heartbeat comes; null: never.';
COMMENT ON COLUMN workflow.tasks.input IS 'The state''s input.';

COMMENT ON FUNCTION workflow.activity_arn(text) IS 'The ARN of the activity of this name.';
COMMENT ON VIEW workflow.activities IS 'The activities that the current role may poll.';
COMMENT ON COLUMN workflow.activities.name IS 'Its name, unique in the database.';
COMMENT ON COLUMN workflow.activities.arn IS 'Its ARN.';
COMMENT ON COLUMN workflow.activities.owner IS 'The role that made it; its members manage it and poll it.';
COMMENT ON COLUMN workflow.activities.created_at IS 'When it was made.';
COMMENT ON COLUMN workflow.activities.waiting IS 'How many of its tasks nobody has taken yet.';
COMMENT ON VIEW workflow.visible_activity IS 'Numbers of the activities that the current role may poll.';
COMMENT ON COLUMN workflow.visible_activity.id IS 'Number of the activity.';
COMMENT ON VIEW workflow.activity_privileges IS 'What was granted on activities, beside what their owners may.';
COMMENT ON COLUMN workflow.activity_privileges.activity IS 'Name of the activity.';
COMMENT ON COLUMN workflow.activity_privileges.grantee IS 'The role, or PUBLIC.';
COMMENT ON COLUMN workflow.activity_privileges.privilege IS 'poll or manage.';

COMMENT ON VIEW workflow.waiting_tasks IS 'Tasks that have been given out and have not ended, whoever they wait for. Short tasks that a worker runs at once never show here.';
COMMENT ON COLUMN workflow.waiting_tasks.execution_id IS 'Number of the execution.';
COMMENT ON COLUMN workflow.waiting_tasks.state_machine IS 'Name of its state machine.';
COMMENT ON COLUMN workflow.waiting_tasks.frame IS 'Number of the branch or iteration; 0: the machine itself.';
COMMENT ON COLUMN workflow.waiting_tasks.state IS 'Name of the state.';
COMMENT ON COLUMN workflow.waiting_tasks.role IS 'The role as which the machine''s tasks run.';
COMMENT ON COLUMN workflow.waiting_tasks.status IS 'What it waits for: ready (for a worker of the role), started (a worker runs it), offered (an activity''s, which nobody has taken yet), waiting (for an answer from outside).';
COMMENT ON COLUMN workflow.waiting_tasks.attempt IS 'Retries so far.';
COMMENT ON COLUMN workflow.waiting_tasks.since IS 'When the task was given out: when the state was entered, or tried again.';
COMMENT ON COLUMN workflow.waiting_tasks.age IS 'How long ago that was.';
COMMENT ON COLUMN workflow.waiting_tasks.due_at IS 'When it times out; null: never, or not before it is started.';
COMMENT ON COLUMN workflow.waiting_tasks.heartbeat_due_at IS 'When it fails unless a heartbeat comes; null: never.';

COMMENT ON VIEW workflow.timers IS 'Moments that executions wait for.';
COMMENT ON COLUMN workflow.timers.due_at IS 'When it fires.';
COMMENT ON COLUMN workflow.timers.execution_id IS 'Number of the execution.';
COMMENT ON COLUMN workflow.timers.state_machine IS 'Name of its state machine.';
COMMENT ON COLUMN workflow.timers.frame IS 'Number of the branch or iteration; 0: the machine itself.';
COMMENT ON COLUMN workflow.timers.kind IS 'state (a wait, a retry, a task''s timeout), heartbeat, execution (its own timeout), age (a task is told of that is still out), or poll (a wait for an activity''s task is over).';

COMMENT ON VIEW workflow.resource_mappings IS 'Foreign resources that are run as local work: those of the current role, and those for all.';
COMMENT ON COLUMN workflow.resource_mappings.role IS 'Holds for machines that run as this role; null: for all.';
COMMENT ON COLUMN workflow.resource_mappings.pattern IS 'ARN; an asterisk stands for any text.';
COMMENT ON COLUMN workflow.resource_mappings.resource IS 'What is done instead.';

COMMENT ON VIEW workflow.workers IS 'The processes of workflow in all databases; for members of pg_monitor.';
COMMENT ON COLUMN workflow.workers.pid IS 'Its process id; null for a database whose scheduler does not run.';
COMMENT ON COLUMN workflow.workers.kind IS 'launcher, scheduler or worker.';
COMMENT ON COLUMN workflow.workers.database IS 'The database that it serves.';
COMMENT ON COLUMN workflow.workers.role IS 'The role as which a worker runs tasks.';
COMMENT ON COLUMN workflow.workers.state IS 'What it does now. Of a worker: busy, idle, starting, leaving. Of a scheduler: running, sleeping, or standing still (after pause(), or in a copy); without a process: wanted, starting, parked (others need its place), held (a command needs the database for itself).';
COMMENT ON COLUMN workflow.workers.execution_id IS 'The execution whose task it runs, or which it moves on by itself.';
COMMENT ON COLUMN workflow.workers.frame IS 'The branch or iteration whose task it runs; null: no task.';
COMMENT ON COLUMN workflow.workers.since IS 'Since when.';

COMMENT ON VIEW workflow.state_machine_metrics IS 'Executions of each state machine that are kept, counted; the children of its Map Runs are counted in map_runs. Reads them all. What retention deletes is counted no more.';
COMMENT ON COLUMN workflow.state_machine_metrics.state_machine IS 'Name of the state machine.';
COMMENT ON COLUMN workflow.state_machine_metrics.started IS 'Executions that are known.';
COMMENT ON COLUMN workflow.state_machine_metrics.running IS 'Those that have not ended.';
COMMENT ON COLUMN workflow.state_machine_metrics.succeeded IS 'Those that SUCCEEDED.';
COMMENT ON COLUMN workflow.state_machine_metrics.failed IS 'Those that FAILED.';
COMMENT ON COLUMN workflow.state_machine_metrics.timed_out IS 'Those that TIMED_OUT.';
COMMENT ON COLUMN workflow.state_machine_metrics.aborted IS 'Those that were ABORTED.';
COMMENT ON COLUMN workflow.state_machine_metrics.average_duration IS 'From start to end, of those that have ended.';
COMMENT ON COLUMN workflow.state_machine_metrics.longest_duration IS 'The longest of these.';

COMMENT ON VIEW workflow.state_metrics IS 'How many running branches stand in each state.';
COMMENT ON COLUMN workflow.state_metrics.state_machine IS 'Name of the state machine.';
COMMENT ON COLUMN workflow.state_metrics.state IS 'Name of the state.';
COMMENT ON COLUMN workflow.state_metrics.status IS 'As in live_states.';
COMMENT ON COLUMN workflow.state_metrics.frames IS 'How many stand there.';
COMMENT ON COLUMN workflow.state_metrics.oldest IS 'Since when the one that has been there longest.';
COMMENT ON COLUMN workflow.state_metrics.retries IS 'Retries of all of them so far.';
