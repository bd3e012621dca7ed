-- Appends as before, however large the ledger is. Whether another case was merged into this one was
-- asked for by the newest such entry, and a large ledger in which hardly any case was merged was read
-- from its end to its beginning for that. Now it is asked whether there is one after what was seen,
-- which the index of what was merged answers.
CREATE OR REPLACE FUNCTION append(asked jsonb, happened jsonb, said jsonb) RETURNS TABLE (
    member int, outcome text, "position" bigint, recorded_at timestamptz, number text
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    counter head%ROWTYPE;
    place_before bigint;
    number_before int;
    moment text;
    this_year int;
BEGIN
    UPDATE head h SET
        size = h.size + jsonb_array_length(happened),
        recorded_at = greatest(clock_timestamp(), h.recorded_at)
    RETURNING * INTO counter;
    place_before := counter.size - jsonb_array_length(happened);
    moment := to_char(counter.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
    this_year := extract(year FROM counter.recorded_at AT TIME ZONE 'Europe/Oslo');
    number_before := CASE WHEN counter.numbered_year = this_year
        THEN counter.last_number ELSE 0 END;
    RETURN QUERY
    WITH each AS MATERIALIZED (
        SELECT m.*, first.answered_at, CASE
            WHEN first.request_hash = m.request_hash THEN 'repeated'
            WHEN first.request_hash IS NOT NULL THEN 'other_request'
            WHEN m.version <> 1 + coalesce((SELECT e.version FROM events e
                    WHERE e.stream_id = m.stream_id ORDER BY e.version DESC LIMIT 1), 0)
                OR EXISTS (SELECT FROM events e WHERE e.name = 'CaseClosed'
                    AND e.data ->> 'merged_into' IS NOT NULL
                    AND e.data ->> 'merged_into' = m.stream_id AND e.position > m.seen)
                OR m.beside IS NOT NULL AND EXISTS (SELECT FROM events e
                    WHERE e.stream_id = m.beside AND e.version > m.beside_version)
                THEN 'conflict'
            WHEN m.structure_seen < counter.structure_at
                OR m.structure_seen IS NOT NULL AND bool_or(m.is_structure) OVER earlier
                THEN 'structure_moved'
            ELSE 'appended' END AS its_own
        FROM jsonb_to_recordset(asked) AS m(
            member int, part int, stream_id text, is_structure boolean, version int, seen bigint,
            structure_seen bigint, beside text, beside_version int,
            key text, actor_id text, request_hash text, status int)
        LEFT JOIN LATERAL (
            SELECT c.request_hash, c.positions[array_upper(c.positions, 1)] AS answered_at
            FROM commands c WHERE c.key = m.key AND c.actor_id = m.actor_id LIMIT 1
        ) first ON true
        WINDOW earlier AS (ORDER BY m.member GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    ), judged AS MATERIALIZED (
        SELECT e.*, first_value(e.its_own) OVER (PARTITION BY e.member ORDER BY array_position(
            '{repeated,other_request,conflict,structure_moved,appended}'::text[], e.its_own
        ), e.part) AS outcome
        FROM each e
    ), counted AS (
        SELECT e.*, j.stream_id,
            place_before + row_number() OVER in_order AS place,
            CASE WHEN e.leaf_1 <> '' THEN
                number_before + count(*) FILTER (WHERE e.leaf_1 <> '') OVER in_order
            END AS nth_case
        FROM jsonb_to_recordset(happened) AS e(
            member int, part int, nth int, leaf_1 text, leaf_2 text, leaf_3 text)
        JOIN judged j ON j.member = e.member AND j.part = e.part AND j.outcome = 'appended'
        WINDOW in_order AS (ORDER BY e.member, e.nth)
    ), placed AS MATERIALIZED (
        SELECT c.member, c.nth, c.stream_id, c.place, n.number,
            c.leaf_1 || coalesce('"number":"' || n.number || '"', '') || c.leaf_2
            || '"position":' || c.place || ',"recorded_at":"' || moment || '"' || c.leaf_3 AS leaf
        FROM counted c, LATERAL (SELECT this_year || '-'
            || lpad(c.nth_case::text, greatest(4, length(c.nth_case::text)), '0') AS number) n
    ), written AS (
        INSERT INTO events
        SELECT e.*, sha256('\x00' || convert_to(p.leaf, 'UTF8'))
        FROM placed p, jsonb_to_record(p.leaf::jsonb) AS e(
            position bigint, stream_id text, stream_type text, version int, name text,
            schema_version int, data jsonb, actor jsonb, occurred_at timestamptz,
            recorded_at timestamptz, command_id uuid, causation_id uuid, correlation_id uuid)
        RETURNING events.position, events.stream_type
    ), kept AS (
        INSERT INTO texts (id, stream_id, position, words, salt)
        SELECT t.id, p.stream_id, p.place, t.words, decode(t.salt, 'hex')
        FROM jsonb_to_recordset(said) AS t(member int, nth int, id uuid, words text, salt text)
        JOIN placed p ON p.member = t.member AND p.nth = t.nth
    ), places AS (
        SELECT p.member, array_agg(p.place ORDER BY p.place) AS positions, max(p.place) AS last,
            max(p.number) AS number
        FROM placed p GROUP BY p.member
    ), remembered AS (
        INSERT INTO commands (key, actor_id, request_hash, status, positions)
        SELECT j.key, j.actor_id, j.request_hash, j.status, p.positions
        FROM judged j JOIN places p ON p.member = j.member WHERE j.key IS NOT NULL
    ), moved AS (
        SELECT count(*) AS appended, max(w.position) FILTER (WHERE w.stream_type <> 'case') AS at,
            (SELECT max(c.nth_case) FROM counted c) AS last_number
        FROM written w
    ), corrected AS (
        UPDATE head h SET size = place_before + m.appended,
            structure_at = coalesce(m.at, h.structure_at),
            numbered_year = CASE WHEN m.last_number IS NULL THEN h.numbered_year
                ELSE this_year END,
            last_number = coalesce(m.last_number, h.last_number)
        FROM moved m
        WHERE place_before + m.appended < h.size OR m.at IS NOT NULL OR m.last_number IS NOT NULL
    )
    SELECT j.member, j.outcome, coalesce(p.last, j.answered_at), counter.recorded_at, p.number
    FROM judged j LEFT JOIN places p ON p.member = j.member WHERE j.part = 1 ORDER BY j.member;
    IF jsonb_path_exists(asked, '$[*].erases') THEN
        DELETE FROM texts t USING jsonb_to_recordset(asked) AS m(
            stream_id text, version int, erases uuid[])
        JOIN events e ON e.stream_id = m.stream_id AND e.version = m.version
        WHERE t.id = ANY(m.erases) AND e.name = 'TextErased'
            AND t.stream_id = m.stream_id AND e.data ->> 'text_id' = t.id::text;
    END IF;
END $$;
