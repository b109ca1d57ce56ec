-- Makes the state machine from definition.json, hands three reports in and answers the mails.  Run it in this folder.

\set definition `cat definition.json`
SELECT workflow.create_state_machine(name => 'expense', definition => :'definition', run_as => 'expense_clerk') AS state_machine \gset

-- A report and the start of its workflow are one transaction.  Three days for the first answer; of the last one, five seconds.
BEGIN;
INSERT INTO expense.report (employee, amount) VALUES ('Bert', 12.50) RETURNING id \gset lunch_
SELECT workflow.start_execution('expense', jsonb_build_object('report', :lunch_id, 'patience', 3 * 86400), 'lunch') AS lunch \gset
INSERT INTO expense.report (employee, amount) VALUES ('Bert', 9000) RETURNING id \gset yacht_
SELECT workflow.start_execution('expense', jsonb_build_object('report', :yacht_id, 'patience', 3 * 86400), 'yacht') AS yacht \gset
INSERT INTO expense.report (employee, amount) VALUES ('Bert', 40) RETURNING id \gset book_
SELECT workflow.start_execution('expense', jsonb_build_object('report', :book_id, 'patience', 5), 'book') AS book \gset
COMMIT;

-- Waits until so many mails are there.  Outside this demonstration people do that.
CREATE PROCEDURE pg_temp.await_mails(n int) LANGUAGE plpgsql AS $$
BEGIN
    FOR i IN 1 .. 600 LOOP
        EXIT WHEN (SELECT count(*) >= n FROM expense.outbox);
        COMMIT;
        PERFORM pg_sleep(0.1);
    END LOOP;
END $$;
CALL pg_temp.await_mails(3);

-- The executions wait.  No process and no transaction waits with them; a restart of the server would not be noticed.
-- Ada clicks, on two of three mails.
SELECT token AS lunch_token FROM expense.outbox WHERE subject LIKE '% 12.50' \gset
SELECT token AS yacht_token FROM expense.outbox WHERE subject LIKE '% 9000.00' \gset
SET ROLE expense_web;
SELECT expense.answer(:'lunch_token', true) \gset
SELECT expense.answer(:'yacht_token', false) \gset
RESET ROLE;

-- The third has waited long enough: Grace gets a mail, too.
CALL pg_temp.await_mails(4);
SELECT token AS book_token FROM expense.outbox WHERE recipient LIKE 'grace%' \gset
SELECT expense.answer(:'book_token', true) \gset

SELECT workflow.wait_for_execution(:lunch, '60 s') AS lunch_status,
       workflow.wait_for_execution(:yacht, '60 s') AS yacht_status,
       workflow.wait_for_execution(:book, '60 s') AS book_status \gset
