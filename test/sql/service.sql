-- workflow.api(): requests checked, responses field for field, pages, the service's words.
SET workflow.clock = '2026-01-02 03:04:05.678Z';
SET workflow.arn_prefix = 'arn:aws:states:us-east-1:111111111111';
CREATE ROLE workflow_service_role;
SELECT jsonb_build_object('name', 'm', 'roleArn', 'arn:aws:iam::111111111111:role/workflow_service_role',
    'definition', '{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}',
    'tags', '[{"key":"k","value":"v"}]'::jsonb) AS request \gset
SELECT workflow.api('CreateStateMachine', :'request');
SELECT jsonb_pretty(workflow.api('DescribeStateMachine', '{"stateMachineArn":"arn:aws:states:us-east-1:111111111111:stateMachine:m"}'));
SELECT workflow.api('DescribeStateMachine', '{"stateMachineArn":"m","includedData":"METADATA_ONLY"}')->'definition';

-- what is wrong with a request
SELECT workflow.api('MakeCoffee');
\echo :SQLSTATE
SELECT workflow.api('ListStateMachines', '[]');
SELECT workflow.api('ListStateMachines', '{"maxresults":1}');
SELECT workflow.api('ListStateMachines', '{"maxResults":"1"}');
SELECT workflow.api('ListStateMachines', '{"maxResults":1.5}');
SELECT workflow.api('ListStateMachines', '{"maxResults":-1}');
SELECT workflow.api('ListStateMachines', '{"maxResults":99999999999999}');
SELECT workflow.api('ListStateMachines', '{"nextToken":""}');
SELECT workflow.api('ListStateMachines', '{"nextToken":"garbled"}');
\echo :SQLSTATE
SELECT workflow.api('CreateStateMachine');
SELECT workflow.api('CreateStateMachine', '{"name":"", "definition":"", "type":"FAST", "tags":[{"key":""}]}');
SELECT workflow.api('CreateStateMachine', '{"name":"x", "definition":{}}');
SELECT workflow.api('CreateStateMachine', '{"name":"x", "definition":"{}", "tags":["k"]}');
SELECT workflow.api('CreateStateMachine', '{"name":"x", "definition":"{}", "tags":[null]}');
SELECT workflow.api('CreateStateMachine', '{"name":"x", "definition":"{}", "loggingConfiguration":{"lvl":"ALL"}}');
SELECT workflow.api('CreateStateMachine', '{"name":"x", "definition":"{}", "versionDescription":"v"}');
SELECT workflow.api('CreateStateMachine', '{"name":"x", "definition":"{}", "publish":true}');
SELECT workflow.api('UpdateStateMachine', '{"stateMachineArn":"m","roleArn":null}');
SELECT workflow.api('UpdateStateMachine', '{"stateMachineArn":"m","roleArn":"arn:aws:iam::111111111111:role/workflow_no_such_role"}');
SELECT workflow.api('UpdateStateMachine', '{"stateMachineArn":"m","roleArn":"arn:aws:iam::111111111111:user/x"}');
SELECT workflow.api('UpdateStateMachine', '{"stateMachineArn":"m","loggingConfiguration":{"level":"ALL"}}');
SELECT workflow.api('UpdateStateMachine', '{"stateMachineArn":"m","encryptionConfiguration":{"type":"CUSTOMER_MANAGED_KMS_KEY","kmsKeyId":"k"}}');
SELECT workflow.api('UpdateStateMachine', '{"stateMachineArn":"arn:aws:states:us-east-1:111111111111:stateMachine:m/Label","roleArn":"r"}');

-- input is JSON text, and keeps its order
SELECT workflow.api('StartExecution', '{"stateMachineArn":"m","name":"e1","input":" {\"b\": 1.50, \"a\" : [ ] } "}');
SELECT workflow.api('StartExecution', '{"stateMachineArn":"m","name":"e1","input":"{\"b\":1.5,\"a\":[]}"}');
SELECT workflow.api('StartExecution', '{"stateMachineArn":"m","input":"{"}');
SELECT workflow.api('StartExecution', '{"stateMachineArn":"m","input":"[1 2]"}');
SELECT workflow.api('StartExecution', '{"stateMachineArn":"m","input":"[1] 2"}');
SELECT workflow.api('StartExecution', '{"stateMachineArn":"m","input":"\"unclosed"}');
SELECT workflow.api('StartExecution', '{"stateMachineArn":"m","input":"{\"a\" 1}"}');
SELECT workflow.api('StartExecution', '{"stateMachineArn":"m","input":"[tru]"}');
SELECT workflow.api('StartExecution', '{"stateMachineArn":"m","input":"[,]"}');
SELECT workflow.api('StartExecution', '{"stateMachineArn":"m","input":"01"}');
SELECT workflow.api('StartExecution', '{"stateMachineArn":"m","input":{}}');
SELECT workflow.run_until_idle() > 0 AS ran;
SELECT jsonb_pretty(workflow.api('DescribeExecution', '{"executionArn":"arn:aws:states:us-east-1:111111111111:execution:m:e1"}'));
SELECT workflow.api('DescribeExecution', '{"executionArn":"e1","includedData":"METADATA_ONLY"}') - 'executionArn' - 'stateMachineArn';
SELECT e FROM jsonb_array_elements(workflow.api('GetExecutionHistory', '{"executionArn":"e1"}')->'events') e;
SELECT e FROM jsonb_array_elements(workflow.api('GetExecutionHistory', '{"executionArn":"e1","includeExecutionData":false,"reverseOrder":true}')->'events') e;
SELECT workflow.api('DescribeExecution', '{"executionArn":"arn:aws:states:us-east-1:111111111111:execution:m:nosuch"}');
SELECT workflow.api('StopExecution', '{"executionArn":"arn:aws:states:us-east-1:111111111111:stateMachine:m"}');

-- pages
SELECT count(workflow.api('StartExecution', jsonb_build_object('stateMachineArn', 'm', 'name', 'p' || n))) FROM generate_series(1, 5) n;
SELECT workflow.api('ListExecutions', '{"stateMachineArn":"m","maxResults":4}') AS page \gset
SELECT jsonb_path_query_array(:'page', '$.executions[*].name');
SELECT jsonb_path_query_array(page, '$.executions[*].name') AS names, page ? 'nextToken' AS more
    FROM workflow.api('ListExecutions', jsonb_build_object('stateMachineArn', 'm', 'nextToken', :'page'::jsonb->'nextToken')) page;
SELECT workflow.api('ListExecutions', jsonb_build_object('stateMachineArn', 'm', 'statusFilter', 'RUNNING', 'nextToken', :'page'::jsonb->'nextToken'));
SELECT workflow.run_until_idle() > 0 AS ran;
SELECT workflow.api('ListExecutions', '{"stateMachineArn":"m","maxResults":4,"statusFilter":"SUCCEEDED"}') AS page \gset
SELECT jsonb_path_query_array(:'page', '$.executions[*].name');
SELECT jsonb_path_query_array(workflow.api('ListExecutions', jsonb_build_object('stateMachineArn', 'm', 'statusFilter', 'SUCCEEDED', 'nextToken', :'page'::jsonb->'nextToken')), '$.executions[*].name');
SELECT workflow.api('GetExecutionHistory', '{"executionArn":"e1","maxResults":3}') AS page \gset
SELECT jsonb_path_query_array(workflow.api('GetExecutionHistory', jsonb_build_object('executionArn', 'e1', 'nextToken', :'page'::jsonb->'nextToken')), '$.events[*].id');
SET workflow.clock = '2026-01-03 03:04:06.678Z';
SELECT workflow.api('GetExecutionHistory', jsonb_build_object('executionArn', 'e1', 'nextToken', :'page'::jsonb->'nextToken'));
SELECT workflow.api('ListExecutions', '{}');
SELECT workflow.api('ListExecutions', '{"stateMachineArn":"m","statusFilter":"PENDING_REDRIVE"}');

-- tags
SELECT workflow.api('TagResource', '{"resourceArn":"m","tags":[{"key":"a","value":"1"},{"key":"k","value":"w"}]}');
SELECT workflow.api('UntagResource', '{"resourceArn":"m","tagKeys":["a","nosuch"]}');
SELECT workflow.api('ListTagsForResource', '{"resourceArn":"m"}');
SELECT workflow.api('ListTagsForResource', '{"resourceArn":"nosuch"}');
SELECT workflow.api('TagResource', jsonb_build_object('resourceArn', 'm', 'tags', (SELECT jsonb_agg(jsonb_build_object('key', 'n' || n)) FROM generate_series(1, 50) n)));

SELECT workflow.api('ValidateStateMachineDefinition', '{"definition":"{\"States\":{}}"}');
-- three errors, two warnings: errors only unless it is wished, and as many as are wished
\set faulty '{"StartAt":"A","States":{"A":{"Type":"Pass","Parameters":{"a":"$.b","c.$":"d"},"Result":"$.e","Next":"B"}}}'
SELECT wish, answer->>'result' AS result, answer->>'truncated' AS truncated,
       (SELECT string_agg(format('%s %s %s', d->>'severity', d->>'code', d->>'location'), E'\n') FROM jsonb_array_elements(answer->'diagnostics') AS d) AS told
FROM (VALUES ('{}'::jsonb), ('{"severity":"ERROR","maxResults":0}'), ('{"severity":"WARNING"}'), ('{"severity":"WARNING","maxResults":3}'),
             ('{"maxResults":3}'), ('{"maxResults":2}')) AS wishes (wish),
     LATERAL workflow.api('ValidateStateMachineDefinition', wish || jsonb_build_object('definition', :'faulty')) AS answer;
SELECT workflow.api('ValidateStateMachineDefinition', '{"definition":"{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Pass\",\"Next\":\"A\"}}}"}')->'diagnostics';
SELECT workflow.api('ValidateStateMachineDefinition', '{"definition":"{}","maxResults":101}');
-- variables that states read
SELECT workflow.api('CreateStateMachine', jsonb_build_object('name', 'reader', 'definition', '{"StartAt":"A","States":{
    "A": {"Type": "Pass", "Assign": {"x": 1, "y.$": "$.y"}, "Next": "M"},
    "M": {"Type": "Map", "ItemsPath": "$y", "ItemProcessor": {"StartAt": "I", "States": {
        "I": {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $x + $sum($y) %}", "End": true}}}, "End": true}}}')) - 'creationDate';
SELECT workflow.api('DescribeStateMachine', '{"stateMachineArn":"reader"}')->'variableReferences';
SELECT workflow.api('DescribeStateMachine', '{"stateMachineArn":"reader","includedData":"METADATA_ONLY"}') ? 'variableReferences';
SELECT workflow.api('DeleteStateMachine', '{"stateMachineArn":"reader"}');
SELECT workflow.api('DeleteStateMachine', '{"stateMachineArn":"m"}');
SELECT workflow.api('ListStateMachines');
DROP ROLE workflow_service_role;
