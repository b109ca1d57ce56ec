# shellcheck shell=bash
run schema.sql run.sql show.sql
is 'the trips' $'ada|SUCCEEDED||{"seat":"12A"}\nbert|FAILED|check_violation|\ncleo|FAILED|NoSuchCar|' \
    'SELECT name, status, error, output FROM workflow.executions ORDER BY id'
is 'of the trips that failed nothing is left' $'12A|ada\n12B|\n12C|' 'SELECT number, trip FROM flight.seat ORDER BY 1'
is 'neither in the hotel' 'ada|3' 'SELECT * FROM hotel.booking'
is 'nor with the cars' 'ada|small' 'SELECT * FROM car.rental'
is 'cancelled from where it failed, backwards' $'Cancel hotel, Cancel flight\nCancel car, Cancel hotel, Cancel flight' \
    "SELECT string_agg(details ->> 'name', ', ' ORDER BY id) FROM workflow.history_events
        WHERE type = 'TaskStateEntered' AND details ->> 'name' LIKE 'Cancel%' GROUP BY execution_id ORDER BY execution_id"
is 'the partner was called again' 'PartnerUnavailable|1' \
    "SELECT details ->> 'error', count(*) FROM workflow.history_events h JOIN workflow.executions e ON e.id = h.execution_id
        WHERE h.type = 'TaskFailed' AND e.name = 'ada' GROUP BY 1"
is 'the agent itself may not touch a service' 'f' \
    "SELECT has_table_privilege('travel_agent', 'hotel.booking', 'SELECT, INSERT, UPDATE, DELETE')"
