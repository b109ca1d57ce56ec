-- Makes the state machine from definition.json and runs it.  Run it in this folder.
-- batch: how many readings are in one, 1,000 unless it is given.
\if :{?batch}
\else
    \set batch 1000
\endif

\set definition `cat definition.json`
SELECT workflow.create_state_machine(name => 'meter-etl', definition => :'definition', run_as => 'etl') AS state_machine \gset
SELECT workflow.start_execution('meter-etl', jsonb_build_object('batch', :batch), 'january') AS january \gset
CALL workflow.wait_for_execution(:january, '1 hour', NULL);
