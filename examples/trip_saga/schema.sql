-- Three services of a travel agency, each with a schema, a role and tables of its own: none may touch another's.  The saga
-- calls their functions; a function is SECURITY DEFINER, so that a service stays the only one that writes its tables.

CREATE ROLE flight_service NOLOGIN;
CREATE ROLE hotel_service NOLOGIN;
CREATE ROLE car_service NOLOGIN;
CREATE ROLE travel_agent NOLOGIN;       -- as whom the saga's tasks run
GRANT USAGE ON SCHEMA workflow TO flight_service, hotel_service, car_service, travel_agent;

CREATE SCHEMA flight AUTHORIZATION flight_service;
CREATE SCHEMA hotel AUTHORIZATION hotel_service;
CREATE SCHEMA car AUTHORIZATION car_service;
GRANT USAGE ON SCHEMA flight, hotel, car TO travel_agent;

-- What can be booked, and what is.  A booking is known by the trip that it is for: booked again for the same trip it is the
-- same booking, and cancelling what was never booked is no error.  So each step may be tried again.
SET ROLE flight_service;
CREATE TABLE flight.seat (number text PRIMARY KEY, trip text UNIQUE);
INSERT INTO flight.seat (number) VALUES ('12A'), ('12B'), ('12C');

CREATE FUNCTION flight.book(trip text) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    booked text;
BEGIN
    UPDATE flight.seat s SET trip = book.trip
        WHERE s.number = (SELECT free.number FROM flight.seat free
                              WHERE free.trip = book.trip OR free.trip IS NULL
                              ORDER BY free.trip NULLS LAST, free.number LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING s.number INTO booked;
    IF booked IS NULL THEN
        PERFORM workflow.raise('NoSeat', 'the flight is full');
    END IF;
    RETURN jsonb_build_object('seat', booked);
END $$;
CREATE FUNCTION flight.cancel(trip text) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE flight.seat s SET trip = NULL WHERE s.trip = cancel.trip;
$$;

SET ROLE hotel_service;
CREATE TABLE hotel.booking (trip text PRIMARY KEY, nights int NOT NULL CHECK (nights BETWEEN 1 AND 14));

CREATE FUNCTION hotel.book(trip text, nights int) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO hotel.booking VALUES (trip, nights) ON CONFLICT (trip) DO UPDATE SET nights = excluded.nights;
$$;
CREATE FUNCTION hotel.cancel(trip text) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DELETE FROM hotel.booking b WHERE b.trip = cancel.trip;
$$;

SET ROLE car_service;
CREATE TABLE car.rental (trip text PRIMARY KEY, class text NOT NULL);

-- Plays a partner that is not always there: Retry tries again.  It has no vans at all.
CREATE FUNCTION car.book(trip text, class text, attempt int) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF class = 'van' THEN
        PERFORM workflow.raise('NoSuchCar', 'we have no vans');
    ELSIF attempt = 0 THEN
        PERFORM workflow.raise('PartnerUnavailable', 'please call again');
    END IF;
    INSERT INTO car.rental VALUES (trip, class) ON CONFLICT DO NOTHING;
END $$;
CREATE FUNCTION car.cancel(trip text) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    DELETE FROM car.rental r WHERE r.trip = cancel.trip;
$$;
RESET ROLE;

-- Nobody but the agent books or cancels.
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA flight, hotel, car FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA flight, hotel, car TO travel_agent;
