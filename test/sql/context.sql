-- What a task knows of itself: context().
CREATE SCHEMA context;
SET search_path = context;
SET workflow.clock = '2026-01-02 03:04:05Z';
SELECT workflow.context() IS NULL AS outside;

CREATE FUNCTION look() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE NOTICE '% % attempt %', workflow.context() #>> '{Execution,Name}', workflow.context() #>> '{State,Name}',
        workflow.context() #>> '{State,RetryCount}';
    IF workflow.context() #>> '{State,RetryCount}' < '2' THEN
        PERFORM workflow.raise('Again');
    END IF;
END $$;
SELECT workflow.create_state_machine('inner', type => 'EXPRESS', definition => '{"StartAt": "I", "States": {"I": {"Type": "Task",
    "Resource": "sql:query", "Parameters": {"Query": "SELECT workflow.context() #>> ''{State,Name}'' AS state"}, "End": true}}}') IS NOT NULL AS made;
SELECT workflow.create_state_machine('outer', '{"StartAt": "Look", "States": {
    "Look": {"Type": "Task", "Resource": "function:context.look", "Parameters": {}, "ResultPath": null, "Next": "All",
        "Retry": [{"ErrorEquals": ["Again"], "IntervalSeconds": 1}]},
    "All": {"Type": "Task", "Resource": "sql:query", "Parameters": {"Query": "SELECT workflow.context()"}, "Next": "Nested"},
    "Nested": {"Type": "Task", "Resource": "sql:query", "Parameters": {"Query":
        "SELECT workflow.context() #>> ''{State,Name}'' AS before, (workflow.start_sync_execution(''inner'')).output #>> ''{Rows,0,state}'' AS inside, workflow.context() #>> ''{State,Name}'' AS after"},
        "End": true}}}') IS NOT NULL AS made;
SELECT workflow.start_execution('outer', '{"order": 5}', 'order-5') AS id \gset
SELECT workflow.run_until_idle(advance_clock => true) > 0 AS ran;
SELECT status, output FROM workflow.executions WHERE id = :id;
SELECT jsonb_pretty(details::jsonb #> '{output,Rows,0,context}' #- '{Execution,RoleArn}') FROM workflow.history_events
    WHERE execution_id = :id AND type = 'TaskSucceeded' ORDER BY id OFFSET 1 LIMIT 1;
SELECT workflow.context() IS NULL AS outside;

SELECT workflow.delete_state_machine('outer'), workflow.delete_state_machine('inner');
SELECT workflow.run_until_idle() >= 0 AS deleted;
RESET search_path;
SET client_min_messages = warning;
DROP SCHEMA context CASCADE;
