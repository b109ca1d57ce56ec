-- Makes the state machine from definition.json, takes two orders, and waits for their ends.  Run it in this folder.

\set definition `cat definition.json`
SELECT workflow.create_state_machine(name => 'order-fulfilment', definition => :'definition', run_as => 'shop_clerk')
    AS state_machine \gset

-- The order and the start of its workflow are one transaction: neither is ever there without the other.
BEGIN;
INSERT INTO shop.purchase_order (customer, card) VALUES ('Ada', '4242 4242 4242 4242') RETURNING id AS ada \gset
INSERT INTO shop.order_line VALUES (:ada, 'kettle', 2), (:ada, 'cup', 4);
SELECT workflow.start_execution('order-fulfilment', jsonb_build_object('order_id', :ada), 'order-of-ada') AS first \gset
COMMIT;

-- This card will be declined.
BEGIN;
INSERT INTO shop.purchase_order (customer, card) VALUES ('Bert', '4000 0000 0000 0002') RETURNING id AS bert \gset
INSERT INTO shop.order_line VALUES (:bert, 'teapot', 1);
SELECT workflow.start_execution('order-fulfilment', jsonb_build_object('order_id', :bert), 'order-of-bert') AS second \gset
COMMIT;

\echo 'Two orders are taken, and their workflows run. A payment is tried three times, and the carrier lets us wait …'
SELECT workflow.wait_for_execution(:second, '60 s') AS second_status \gset
SELECT workflow.wait_for_execution(:first, '60 s') AS first_status \gset
