-- Expense reports that somebody has to approve, by a link in a mail.

-- The role as which the workflow's tasks run; and whoever runs the web page behind the link.
CREATE ROLE expense_clerk NOLOGIN;
CREATE ROLE expense_web NOLOGIN;
GRANT USAGE ON SCHEMA workflow TO expense_clerk, expense_web;

CREATE SCHEMA expense;
GRANT USAGE ON SCHEMA expense TO expense_clerk, expense_web;

CREATE TABLE expense.employee (name text PRIMARY KEY, mail text NOT NULL, superior text REFERENCES expense.employee);
CREATE TABLE expense.report (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    employee text NOT NULL REFERENCES expense.employee,
    amount numeric(10, 2) NOT NULL,
    status text NOT NULL DEFAULT 'asked'
);
-- What a mailer is to send: it reads the table, sends, and deletes.
CREATE TABLE expense.outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    recipient text NOT NULL,
    subject text NOT NULL,
    token text NOT NULL                     -- of the links to click on: …/approve?token=…, …/decline?token=…
);
GRANT SELECT ON expense.employee TO expense_clerk;
GRANT SELECT, UPDATE ON expense.report TO expense_clerk;
GRANT INSERT ON expense.outbox TO expense_clerk;

INSERT INTO expense.employee VALUES ('Grace', 'grace@example.com', NULL), ('Ada', 'ada@example.com', 'Grace'),
    ('Bert', 'bert@example.com', 'Ada');

-- Writes the mail that asks.  The state goes on waiting when this has returned, until somebody sends the token back.
CREATE FUNCTION expense.ask(report bigint, whom text, token text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO expense.outbox (recipient, subject, token)
        SELECT e.mail, format('%s asks for %s', r.employee, r.amount), token
        FROM expense.report r, expense.employee e WHERE r.id = report AND e.name = whom;
$$;

-- Who is to be asked: the superior, and after him his own.
CREATE FUNCTION expense.superiors(report bigint) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('first', a.name, 'second', coalesce(a.superior, a.name))
        FROM expense.report r JOIN expense.employee e ON e.name = r.employee JOIN expense.employee a ON a.name = e.superior
        WHERE r.id = report;
$$;

CREATE FUNCTION expense.settle(report bigint, status text) RETURNS void LANGUAGE sql AS $$
    UPDATE expense.report r SET status = settle.status WHERE r.id = report;
$$;

-- Behind the links.  The token is all that it takes: whoever has the mail may answer, once.
CREATE FUNCTION expense.answer(token text, approved boolean) RETURNS void LANGUAGE sql AS $$
    SELECT workflow.send_task_success(token, jsonb_build_object('approved', approved));
$$;
