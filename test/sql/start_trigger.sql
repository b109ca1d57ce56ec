-- Executions that are started by changes of a table: start_execution_trigger().
CREATE SCHEMA start_trigger;
SET search_path = start_trigger;
SET workflow.clock = '2026-01-02 03:04:05Z';
SELECT workflow.create_state_machine('changed', '{"StartAt": "P", "States": {"P": {"Type": "Pass", "End": true}}}') IS NOT NULL AS made;
CREATE TABLE "Order" (id int PRIMARY KEY, "the customer" text, lines jsonb, gone int, total numeric GENERATED ALWAYS AS (id * 1.5) STORED);
ALTER TABLE "Order" DROP gone;
CREATE FUNCTION started() RETURNS TABLE (name text, input json) LANGUAGE sql
    AS $$ SELECT CASE WHEN e.name LIKE 'order%' THEN e.name ELSE '(made)' END, e.input FROM workflow.executions e
        WHERE state_machine = 'changed' ORDER BY id $$;

-- each kind of change; the key that a row has is in its place
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE ON "Order" FOR EACH ROW
    EXECUTE FUNCTION workflow.start_execution_trigger('changed');
INSERT INTO "Order" VALUES (1, 'ada', '{"b": [1.50], "a": "ä"}'), (2, NULL, NULL);
UPDATE "Order" SET "the customer" = 'bert' WHERE id = 2;
DELETE FROM "Order" WHERE id = 1;
SELECT * FROM started();

-- it belongs to the transaction
BEGIN;
UPDATE "Order" SET "the customer" = 'cecil';
SELECT count(*) FROM started();
ROLLBACK;
SELECT count(*) FROM started();
SELECT workflow.run_until_idle() > 0 AS ran;
SELECT DISTINCT status FROM workflow.executions WHERE state_machine = 'changed';

-- names
DROP TRIGGER changed ON "Order";
CREATE TRIGGER named AFTER INSERT OR DELETE ON "Order" FOR EACH ROW
    EXECUTE FUNCTION workflow.start_execution_trigger('changed', 'order-{id}-{the customer}.');
INSERT INTO "Order" VALUES (3, 'dora');
SELECT name FROM started() WHERE name <> '(made)';
DELETE FROM "Order" WHERE id = 3;
INSERT INTO "Order" VALUES (4, NULL);
INSERT INTO "Order" VALUES (4, 'no/slash');
DROP TRIGGER named ON "Order";
CREATE TRIGGER no_column AFTER INSERT ON "Order" FOR EACH ROW EXECUTE FUNCTION workflow.start_execution_trigger('changed', 'order-{gone}');
INSERT INTO "Order" VALUES (5);
DROP TRIGGER no_column ON "Order";
CREATE TRIGGER not_closed AFTER INSERT ON "Order" FOR EACH ROW EXECUTE FUNCTION workflow.start_execution_trigger('changed', 'order-{id');
INSERT INTO "Order" VALUES (5);
DROP TRIGGER not_closed ON "Order";

-- for some changes only; on a partition; deferred
CREATE TRIGGER partly AFTER UPDATE OF "the customer" ON "Order" FOR EACH ROW WHEN (new.id > 1)
    EXECUTE FUNCTION workflow.start_execution_trigger('changed', 'order-updated');
UPDATE "Order" SET lines = '1';
UPDATE "Order" SET "the customer" = 'emil' WHERE id < 3;
DROP TRIGGER partly ON "Order";
CREATE TABLE event (id int) PARTITION BY LIST (id);
CREATE TABLE event_1 PARTITION OF event FOR VALUES IN (1);
CREATE TRIGGER parted AFTER INSERT ON event FOR EACH ROW EXECUTE FUNCTION workflow.start_execution_trigger('changed', 'order-event');
INSERT INTO event VALUES (1);
CREATE TABLE late (id int);
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON late DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    EXECUTE FUNCTION workflow.start_execution_trigger('changed', 'order-late');
BEGIN;
INSERT INTO late VALUES (1);
SELECT count(*) FROM started() WHERE name = 'order-late';
COMMIT;
SELECT name, input FROM started() WHERE name IN ('order-updated', 'order-event', 'order-late');

-- what it is not for
CREATE TABLE wrong (id int);
CREATE TRIGGER a BEFORE INSERT ON wrong FOR EACH ROW EXECUTE FUNCTION workflow.start_execution_trigger('changed');
INSERT INTO wrong VALUES (1);
DROP TRIGGER a ON wrong;
CREATE TRIGGER b AFTER INSERT ON wrong FOR EACH STATEMENT EXECUTE FUNCTION workflow.start_execution_trigger('changed');
INSERT INTO wrong VALUES (1);
DROP TRIGGER b ON wrong;
CREATE TRIGGER c AFTER TRUNCATE ON wrong FOR EACH STATEMENT EXECUTE FUNCTION workflow.start_execution_trigger('changed');
TRUNCATE wrong;
DROP TRIGGER c ON wrong;
CREATE VIEW wrong_view AS SELECT * FROM wrong;
CREATE TRIGGER d INSTEAD OF INSERT ON wrong_view FOR EACH ROW EXECUTE FUNCTION workflow.start_execution_trigger('changed');
INSERT INTO wrong_view VALUES (1);
CREATE TRIGGER e AFTER INSERT ON wrong FOR EACH ROW EXECUTE FUNCTION workflow.start_execution_trigger();
INSERT INTO wrong VALUES (1);
DROP TRIGGER e ON wrong;
CREATE TRIGGER f AFTER INSERT ON wrong FOR EACH ROW EXECUTE FUNCTION workflow.start_execution_trigger('nosuch');
INSERT INTO wrong VALUES (1);
SELECT workflow.start_execution_trigger();

-- whoever makes the change must be allowed to start the machine, not the table's owner
CREATE ROLE trigger_user;
GRANT USAGE ON SCHEMA workflow, start_trigger TO trigger_user;
GRANT INSERT ON "Order" TO trigger_user;
CREATE TRIGGER changed AFTER INSERT ON "Order" FOR EACH ROW EXECUTE FUNCTION workflow.start_execution_trigger('changed', 'order-{id}');
SET ROLE trigger_user;
INSERT INTO "Order" VALUES (10);
RESET ROLE;
SELECT workflow.grant_state_machine('changed', 'trigger_user', 'start');
SET ROLE trigger_user;
INSERT INTO "Order" VALUES (10);
RESET ROLE;
SELECT * FROM started() WHERE name = 'order-10';

SELECT workflow.delete_state_machine('changed');
SELECT workflow.run_until_idle() >= 0 AS deleted;
RESET search_path;
SET client_min_messages = warning;
DROP SCHEMA start_trigger CASCADE;
