-- What came of it.

\pset footer off
\pset null ''

\echo
\echo The executions
SELECT id, name, status, error, round(extract(epoch FROM stopped_at - started_at), 1) AS seconds, output -> 'shipment' AS shipment
    FROM workflow.executions WHERE state_machine = 'order-fulfilment' ORDER BY id;

\echo The history of the order of Ada: the payment fails twice, two branches run side by side
SELECT h.id, h.previous_id AS after, round(extract(epoch FROM h.at - e.started_at), 3) AS seconds, h.type,
       coalesce(h.details ->> 'name', h.details ->> 'error') AS "state, or error"
    FROM workflow.history_events h JOIN workflow.executions e ON e.id = h.execution_id
    WHERE e.name = 'order-of-ada' ORDER BY h.id;

\echo The history of the order of Bert: the card is declined, and the reservation undone
SELECT h.id, h.previous_id AS after, round(extract(epoch FROM h.at - e.started_at), 3) AS seconds, h.type,
       coalesce(h.details ->> 'name', h.details ->> 'error') AS "state, or error"
    FROM workflow.history_events h JOIN workflow.executions e ON e.id = h.execution_id
    WHERE e.name = 'order-of-bert' ORDER BY h.id;

\echo The tables of the shop
SELECT o.id, o.customer, o.status, p.amount AS paid, p.attempts, i.number AS invoice, c.service,
       (c.packed_at IS NOT NULL) AS packed
    FROM shop.purchase_order o
    LEFT JOIN shop.payment p ON p.order_id = o.id
    LEFT JOIN shop.invoice i ON i.order_id = o.id
    LEFT JOIN shop.parcel c ON c.order_id = o.id
    ORDER BY o.id;
SELECT sku, in_stock, coalesce((SELECT sum(quantity) FROM shop.reservation r WHERE r.sku = p.sku), 0) AS reserved
    FROM shop.product p ORDER BY sku;
