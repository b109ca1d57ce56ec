-- Trying an expression alone: a path, an intrinsic function, JSONata, a template.
SELECT workflow.evaluate('$.a[0]', '{"a": [1, 2]}');
SELECT workflow.evaluate('$x.y', '{}', '{"x": {"y": "z"}}');
SELECT workflow.evaluate('$$.Execution.Name', context => '{"Execution": {"Name": "me"}}');
SELECT workflow.evaluate('States.Format(''{} of {}'', $.a, $b)', '{"a": 1}', '{"b": 2}');
SELECT workflow.evaluate('{% $sum($states.input.items.price) * $rate %}', '{"items": [{"price": 2}, {"price": 3}]}', '{"rate": 2}');
SELECT workflow.evaluate('{% $states.context.Execution.Name & "!" %}', context => '{"Execution": {"Name": "me"}}');
SELECT workflow.evaluate('{% {"b": 1, "a": [$states.input.x]} %}', '{"x": null}');
SELECT workflow.evaluate('{"n.$": "States.ArrayLength($.items)", "plain": true}', '{"items": [1, 2]}');
SELECT workflow.evaluate('{"n": ["{% $count($states.input.items) %}"], "n.$": "kept"}', '{"items": [1, 2]}');
SELECT workflow.evaluate('[1, "no expression"]');
SELECT workflow.evaluate('{% $states.input %}', NULL, NULL, NULL);

-- what cannot be read
SELECT workflow.evaluate('States.Nothing()');
\echo :SQLSTATE
SELECT workflow.evaluate('{% 1 + %}');
SELECT workflow.evaluate('no JSON');
SELECT workflow.evaluate('{"a": "{% 2 * %}"}');
SELECT workflow.evaluate('{% $exists(a) %}');
SELECT workflow.evaluate('{% $exists($) %}');
SELECT workflow.evaluate('{"a": ["{% $exists($$.a) %}"]}');
SELECT workflow.evaluate('1 + 1');
SELECT workflow.evaluate('$states.input.a', '{"a": 1}');
SELECT workflow.evaluate('{"a.$": 1}');
SELECT workflow.evaluate(NULL);

-- the language's own code and position stand beside the service's words
SELECT workflow.create_state_machine('broken', '{"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": {"Type": "Pass", "Assign": {"x": "{% (1 %}", "y": "{% \"open %}"}, "Output": "{% nix %}", "End": true}}}');

-- what fails
SELECT workflow.evaluate('$.b', '{"a": 1}');
\echo :SQLSTATE
SELECT workflow.evaluate('{"x": ["{% $states.input.b %}"]}', '{"a": 1}');
SELECT workflow.evaluate('{% $sum %}');
SELECT workflow.evaluate('{% $error("no") %}');
SELECT workflow.evaluate('{% ($f := function($x) {1 + $f($x)}; $f(1)) %}');

-- an execution: its failed query, as the API tells of it
SET workflow.clock = '2026-01-02 03:04:05Z';
SELECT workflow.create_state_machine('query', '{"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": {"Type": "Pass", "Output": {"a": ["{% $nix %}"]}, "End": true}}}');
SELECT workflow.start_execution('query', '{"x": 1}', 'one') AS execution \gset
SELECT workflow.run_until_idle();
SELECT status, error, cause FROM workflow.describe_execution(:execution);
SELECT id, previous_id, type, details FROM workflow.get_execution_history(:execution) WHERE id > 1;
SELECT jsonb_pretty(event - 'timestamp') FROM workflow.api('GetExecutionHistory', jsonb_build_object('executionArn',
    (SELECT arn FROM workflow.executions WHERE id = :execution))) AS answer, jsonb_array_elements(answer->'events') AS event
WHERE event->>'type' = 'EvaluationFailed';
-- what failures quote of values is cut, between characters
SELECT workflow.create_state_machine('long_texts', $${"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": {"Type": "Choice", "Choices":
    [{"Condition": "{% $states.input.items ? $pad('', 100000, 'é') : true %}", "Next": "F"}]}, "F": {"Type": "Fail", "Error": "{% $pad('', 300, 'e') %}", "Cause": "{% $pad('x', 100000, 'é') %}"}}}$$) IS NOT NULL AS created;
SELECT workflow.start_execution('long_texts', input) IS NOT NULL AS started FROM (VALUES ('{"items": true}'::jsonb), ('{"items": false}')) AS v(input);
SELECT workflow.run_until_idle() > 0 AS ran;
SELECT length(error) AS error, length(cause) AS cause, octet_length(cause) AS bytes, left(cause, 20) AS begins, right(cause, 3) AS ends FROM workflow.executions WHERE state_machine = 'long_texts' ORDER BY id;
SELECT workflow.delete_state_machine('long_texts');

SELECT workflow.create_state_machine('wrong', '{"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": {"Type": "Pass", "Output": ["{% phone[1,2) %}", "{% $$ %}"], "End": true}}}');
SELECT workflow.delete_state_machine('query');
