-- Makes the state machine from definition.json and books three trips.  Run it in this folder.

\set definition `cat definition.json`
SELECT workflow.create_state_machine(name => 'trip', definition => :'definition', run_as => 'travel_agent') AS state_machine \gset

SELECT workflow.start_execution('trip', '{"nights": 3, "car": "small"}', 'ada') AS ada \gset
SELECT workflow.start_execution('trip', '{"nights": 30, "car": "small"}', 'bert') AS bert \gset
SELECT workflow.start_execution('trip', '{"nights": 2, "car": "van"}', 'cleo') AS cleo \gset

SELECT workflow.wait_for_execution(:ada, '60 s') AS ada_status,
       workflow.wait_for_execution(:bert, '60 s') AS bert_status,
       workflow.wait_for_execution(:cleo, '60 s') AS cleo_status \gset
