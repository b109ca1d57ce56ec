-- Readings of electricity meters, as they come from outside, and what is to be made of them: a total for each meter and day.
-- rows: how many there are, 1,000,000 unless it is given (psql -v rows=20000).
\if :{?rows}
\else
    \set rows 1000000
\endif

CREATE ROLE etl NOLOGIN;                -- as which the workflow's tasks run
GRANT USAGE ON SCHEMA workflow TO etl;

CREATE SCHEMA meter;
GRANT USAGE ON SCHEMA meter TO etl;
CREATE TABLE meter.raw (id bigint PRIMARY KEY, meter int NOT NULL, at text NOT NULL, kwh text NOT NULL);
CREATE TABLE meter.daily (meter int, day date, kwh numeric NOT NULL, readings bigint NOT NULL, PRIMARY KEY (meter, day));
CREATE TABLE meter.result (execution text PRIMARY KEY, status text NOT NULL, output text, error text);  -- of each batch
GRANT SELECT ON meter.raw TO etl;
GRANT SELECT, INSERT, UPDATE ON meter.daily, meter.result TO etl;

-- One meter has sent rubbish for a while: half a percent of all.
INSERT INTO meter.raw
    SELECT i, i % 500, to_char(timestamptz '2026-01-01' + i * interval '1 minute', 'YYYY-MM-DD"T"HH24:MI:SSOF'),
        CASE WHEN i BETWEEN :rows / 2 AND :rows / 2 + :rows / 200 - 1 THEN 'E-17' ELSE (i % 7)::text END
    FROM generate_series(0, :rows - 1) i;
ANALYZE meter.raw;

-- A batch: {"Items": [{"id": …, "meter": …, "at": …, "kwh": …}, …]}.  A reading that is none fails it, with all that it has
-- done.
CREATE FUNCTION meter.load(batch jsonb) RETURNS jsonb LANGUAGE sql AS $$
    WITH reading AS (
        SELECT meter, at::timestamptz::date AS day, kwh::numeric
            FROM jsonb_to_recordset(batch -> 'Items') AS item(meter int, at text, kwh text)
    ), total AS (
        INSERT INTO meter.daily AS d
            SELECT meter, day, sum(kwh), count(*) FROM reading GROUP BY meter, day ORDER BY meter, day
            ON CONFLICT (meter, day) DO UPDATE SET kwh = d.kwh + excluded.kwh, readings = d.readings + excluded.readings
    )
    SELECT jsonb_build_object('from', batch #> '{Items,0,id}', 'readings', count(*)) FROM reading;
$$;

-- Where the results go: called with each file that there would be, which is an array of the batches' executions; and with
-- manifest.json, an object.
CREATE FUNCTION meter.keep("Key" text, "Body" text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO meter.result
        SELECT "ExecutionArn", "Status", "Output", "Error"
        FROM json_to_recordset("Body"::json) AS e("ExecutionArn" text, "Status" text, "Output" text, "Error" text)
        WHERE "Key" NOT LIKE '%/manifest.json';
$$;
