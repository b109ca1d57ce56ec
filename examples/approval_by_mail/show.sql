-- What came of it.

\pset footer off
\pset null ''

\echo
\echo The reports
SELECT id, employee, amount, status FROM expense.report ORDER BY id;

\echo The mails
SELECT recipient, subject FROM expense.outbox ORDER BY id;

\echo The way of the book: Ada does not answer in time, Grace does
SELECT h.id, h.type, coalesce(h.details ->> 'name', h.details ->> 'error') AS "state, or error"
    FROM workflow.history_events h JOIN workflow.executions e ON e.id = h.execution_id
    WHERE e.name = 'book' ORDER BY h.id;
