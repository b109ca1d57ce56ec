-- A small shop: its tables, and the functions that the workflow calls.  They are ordinary SQL functions: what one of them
-- writes commits together with the step of the workflow, or not at all.

-- The role as which the workflow's tasks run: it may do what the shop's clerk may do, and no more.  USAGE on the schema
-- workflow lets its functions call workflow.raise().
CREATE ROLE shop_clerk NOLOGIN;
GRANT USAGE ON SCHEMA workflow TO shop_clerk;

CREATE SCHEMA shop;
GRANT USAGE ON SCHEMA shop TO shop_clerk;

CREATE TABLE shop.product (
    sku text PRIMARY KEY,
    price numeric(10, 2) NOT NULL,
    in_stock int NOT NULL CHECK (in_stock >= 0)
);
CREATE TABLE shop.purchase_order (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer text NOT NULL,
    card text NOT NULL,
    status text NOT NULL DEFAULT 'new'
);
CREATE TABLE shop.order_line (
    order_id bigint NOT NULL REFERENCES shop.purchase_order,
    sku text NOT NULL REFERENCES shop.product,
    quantity int NOT NULL,
    PRIMARY KEY (order_id, sku)
);
CREATE TABLE shop.reservation (order_id bigint, sku text, quantity int, PRIMARY KEY (order_id, sku));
CREATE TABLE shop.payment (order_id bigint PRIMARY KEY, amount numeric(10, 2), attempts int, paid_at timestamptz);
CREATE TABLE shop.parcel (order_id bigint PRIMARY KEY, picked_at timestamptz, packed_at timestamptz, service text);
CREATE TABLE shop.invoice (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id bigint UNIQUE,
    amount numeric(10, 2)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA shop TO shop_clerk;

INSERT INTO shop.product VALUES ('kettle', 49.90, 10), ('teapot', 35.00, 10), ('cup', 7.50, 100);

-- Takes the order's goods out of stock.  Named arguments: the fields of the task's Parameters.
CREATE FUNCTION shop.reserve_stock(order_id bigint) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    missing text;
    total numeric;
BEGIN
    SELECT string_agg(l.sku, ', ') INTO missing
        FROM shop.order_line l JOIN shop.product p USING (sku)
        WHERE l.order_id = reserve_stock.order_id AND p.in_stock < l.quantity;
    IF missing IS NOT NULL THEN
        PERFORM workflow.raise('OutOfStock', missing);
    END IF;
    UPDATE shop.product p SET in_stock = in_stock - l.quantity
        FROM shop.order_line l WHERE l.order_id = reserve_stock.order_id AND l.sku = p.sku;
    INSERT INTO shop.reservation
        SELECT l.order_id, l.sku, l.quantity FROM shop.order_line l WHERE l.order_id = reserve_stock.order_id;
    SELECT sum(l.quantity * p.price) INTO total
        FROM shop.order_line l JOIN shop.product p USING (sku) WHERE l.order_id = reserve_stock.order_id;
    UPDATE shop.purchase_order SET status = 'reserved' WHERE id = order_id;
    RETURN jsonb_build_object('amount', total);
END $$;

-- Plays the payment gateway: it does not answer the first two times (Retry tries again), and refuses some cards (Catch
-- undoes the order).  An attempt that fails leaves nothing in the tables.
CREATE FUNCTION shop.charge_card(order_id bigint, amount numeric, attempt int) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    card text;
BEGIN
    SELECT o.card INTO card FROM shop.purchase_order o WHERE o.id = charge_card.order_id;
    INSERT INTO shop.payment VALUES (order_id, amount, attempt + 1, now());
    IF card LIKE '%0002' THEN
        PERFORM workflow.raise('CardDeclined', 'insufficient funds on card ' || right(card, 4));
    ELSIF attempt < 2 THEN
        PERFORM workflow.raise('PaymentGatewayTimeout', format('no answer to attempt %s', attempt + 1));
    END IF;
    UPDATE shop.purchase_order SET status = 'paid' WHERE id = order_id;
    RETURN jsonb_build_object('amount', amount, 'attempts', attempt + 1);
END $$;

CREATE FUNCTION shop.pick(order_id bigint) RETURNS void LANGUAGE sql AS $$
    INSERT INTO shop.parcel (order_id, picked_at) VALUES (order_id, clock_timestamp());
$$;

-- A row becomes an object: {"order_id": …, "picked_at": …}.
CREATE FUNCTION shop.pack(order_id bigint) RETURNS shop.parcel LANGUAGE sql AS $$
    UPDATE shop.parcel p SET packed_at = clock_timestamp() WHERE p.order_id = pack.order_id RETURNING p.*;
$$;

CREATE FUNCTION shop.write_invoice(order_id bigint, amount numeric) RETURNS jsonb LANGUAGE sql AS $$
    INSERT INTO shop.invoice (order_id, amount) VALUES (order_id, amount)
        RETURNING jsonb_build_object('number', number);
$$;

-- A default, for orders that say nothing of the service.
CREATE FUNCTION shop.ship(order_id bigint, service text DEFAULT 'standard') RETURNS jsonb LANGUAGE sql AS $$
    UPDATE shop.parcel p SET service = ship.service WHERE p.order_id = ship.order_id;
    UPDATE shop.purchase_order o SET status = 'shipped' WHERE o.id = ship.order_id;
    SELECT jsonb_build_object('service', service);
$$;

-- The compensation.
CREATE FUNCTION shop.release_stock(order_id bigint) RETURNS void LANGUAGE sql AS $$
    UPDATE shop.product p SET in_stock = in_stock + r.quantity
        FROM shop.reservation r WHERE r.order_id = release_stock.order_id AND r.sku = p.sku;
    DELETE FROM shop.reservation r WHERE r.order_id = release_stock.order_id;
$$;

CREATE FUNCTION shop.cancel_order(order_id bigint, reason text) RETURNS void LANGUAGE sql AS $$
    UPDATE shop.purchase_order o SET status = 'cancelled: ' || reason WHERE o.id = cancel_order.order_id;
$$;
