# shellcheck shell=bash
run schema.sql run.sql show.sql
is 'the reports' $'12.50|approved\n9000.00|declined\n40.00|approved' 'SELECT amount, status FROM expense.report ORDER BY id'
is 'the mails' $'ada@example.com|3\ngrace@example.com|1' 'SELECT recipient, count(*) FROM expense.outbox GROUP BY 1 ORDER BY 1'
is 'one was passed over' 'book|States.Timeout' \
    "SELECT e.name, h.details ->> 'error' FROM workflow.history_events h JOIN workflow.executions e ON e.id = h.execution_id
        WHERE h.type = 'TaskTimedOut'"
is 'a token works once' "ERROR:  TaskTimedOut: Task Timed Out: 'Provided task does not exist anymore'" \
    "SELECT expense.answer(token, true) FROM expense.outbox ORDER BY id LIMIT 1"
is 'a token that was passed over works no more' "ERROR:  TaskTimedOut: Task Timed Out: 'Provided task does not exist anymore'" \
    "SELECT expense.answer(token, true) FROM expense.outbox WHERE subject LIKE '% 40.00' AND recipient LIKE 'ada%'"
is 'the web page sees nothing' '0' 'SET ROLE expense_web; SELECT count(*) FROM workflow.executions'
