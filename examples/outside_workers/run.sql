-- Makes the state machine from definition.json and starts it.  The workers are started beside it (README.md).  Run it in
-- this folder.

\set definition `cat definition.json`
SELECT workflow.create_state_machine(name => 'gallery', definition => :'definition', run_as => 'gallery_owner') AS state_machine \gset
SELECT workflow.start_execution('gallery', '{}', 'all-pictures') AS pictures \gset
