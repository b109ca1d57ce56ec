-- What came of it.

\pset footer off
\pset null ''

\echo
\echo The trips
SELECT name, status, error, output FROM workflow.executions WHERE state_machine = 'trip' ORDER BY id;

\echo Cleo: no van is to be had, and what was booked is cancelled
SELECT h.id, h.type, coalesce(h.details ->> 'name', h.details ->> 'error') AS "state, or error"
    FROM workflow.history_events h JOIN workflow.executions e ON e.id = h.execution_id
    WHERE e.name = 'cleo' AND h.type IN ('TaskStateEntered', 'TaskFailed', 'FailStateEntered', 'ExecutionFailed') ORDER BY h.id;

\echo What the services have: nothing of the trips that failed
SELECT s.trip, s.number AS seat, b.nights, r.class AS car
    FROM flight.seat s LEFT JOIN hotel.booking b USING (trip) LEFT JOIN car.rental r USING (trip)
    WHERE s.trip IS NOT NULL;
