-- One municipality's ledger. Every table lives in the schema that the search path names.

CREATE TABLE events (
    position bigint PRIMARY KEY,
    stream_id text COLLATE "C" NOT NULL,
    stream_type text COLLATE "C" NOT NULL,
    version int NOT NULL,
    name text COLLATE "C" NOT NULL,
    schema_version int NOT NULL,
    data jsonb NOT NULL,
    actor jsonb NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    command_id uuid NOT NULL,
    causation_id uuid,
    correlation_id uuid,
    leaf_hash bytea NOT NULL,
    UNIQUE (stream_id, version)
);
-- A moment leads to a position: recorded_at never decreases.
CREATE INDEX events_recorded_at ON events (recorded_at, position);
-- Each case has a number of its own, and is found by it.
CREATE UNIQUE INDEX events_case_number ON events ((data ->> 'number')) WHERE name = 'CaseRaised';
-- What was merged into a case is part of that case's life too.
CREATE INDEX events_merged_into ON events ((data ->> 'merged_into'), position)
    WHERE name = 'CaseClosed' AND data ->> 'merged_into' IS NOT NULL;
-- The municipality's structure, read apart from its cases.
CREATE INDEX events_structure ON events (position) WHERE stream_type <> 'case';

CREATE TABLE texts (
    id uuid PRIMARY KEY,
    stream_id text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    words text NOT NULL,
    salt bytea NOT NULL,
    search tsvector GENERATED ALWAYS AS (to_tsvector('norwegian', words)) STORED
);
-- A rare word leads to its cases; for a common one the cases are gone through, each by its words.
CREATE INDEX texts_search ON texts USING gin (search);
CREATE INDEX texts_stream ON texts (stream_id);

CREATE TABLE commands (
    key text COLLATE "C" NOT NULL,
    actor_id text COLLATE "C" NOT NULL,
    request_hash text COLLATE "C" NOT NULL,
    status int NOT NULL,
    positions bigint[] NOT NULL,
    PRIMARY KEY (key, actor_id)
);

-- The counter row: whoever holds it appends.
CREATE TABLE head (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    size bigint NOT NULL DEFAULT 0,
    recorded_at timestamptz NOT NULL DEFAULT 'epoch',
    structure_at bigint NOT NULL DEFAULT 0,
    numbered_year int NOT NULL DEFAULT 0,
    last_number int NOT NULL DEFAULT 0
) WITH (fillfactor = 50);
INSERT INTO head DEFAULT VALUES;

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what is recorded is never changed' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER events_are_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER commands_are_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON commands
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER texts_are_never_changed BEFORE UPDATE OR TRUNCATE ON texts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Appends a batch in one round trip. Under the counter row each member is judged by itself:
--   repeated         its idempotency key was used before, for the same request
--   other_request    its idempotency key was used before, for another request
--   conflict         its stream has moved on since it decided, or the one that it looked at
--                    beside it
--   structure_moved  the municipality's structure has moved on since it decided
--   appended         none of these
-- Each statement after the first sees all that was committed before the counter row was had, so
-- the judgement holds. An event comes as the canonical JSON of its leaf, in three pieces between
-- which the number, the position and the time belong that only this function knows; its columns
-- are read from that same JSON, so that what stands is what is hashed.
CREATE FUNCTION append(batch jsonb, events_in_batch int) RETURNS TABLE (
    member int, outcome text, "position" bigint, recorded_at timestamptz, number text
) LANGUAGE plpgsql AS $$
#variable_conflict use_variable
DECLARE
    counter head%ROWTYPE;
    asked record;
    event record;
    place bigint;
    moment text;
    this_year int;
    is_structure boolean := false;
BEGIN
    UPDATE head h SET
        size = h.size + events_in_batch,
        recorded_at = greatest(clock_timestamp(), h.recorded_at)
    RETURNING * INTO counter;
    place := counter.size - events_in_batch;
    recorded_at := counter.recorded_at;
    moment := to_char(recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
    FOR asked IN SELECT m.* FROM jsonb_to_recordset(batch) AS m(
        member int, stream_id text, version int, seen bigint, structure_seen bigint, key text,
        actor_id text, request_hash text, status int, events jsonb, beside text,
        beside_version int)
    LOOP
        member := asked.member;
        SELECT j.outcome, j.first_position INTO outcome, position
            FROM judge(asked.stream_id, asked.version, asked.seen, asked.beside,
                asked.beside_version, asked.structure_seen < counter.structure_at, asked.key,
                asked.actor_id, asked.request_hash) j;
        number := NULL;
        IF outcome = 'appended' THEN
            FOR event IN SELECT e.* FROM jsonb_to_recordset(asked.events) AS e(
                leaf_1 text, leaf_2 text, leaf_3 text, texts jsonb)
            LOOP
                place := place + 1;
                IF event.leaf_1 <> '' THEN
                    this_year := extract(year FROM recorded_at AT TIME ZONE 'Europe/Oslo');
                    counter.last_number := 1 + CASE WHEN counter.numbered_year = this_year
                        THEN counter.last_number ELSE 0 END;
                    counter.numbered_year := this_year;
                    number := this_year || '-' || lpad(counter.last_number::text,
                        greatest(4, length(counter.last_number::text)), '0');
                    event.leaf_1 := event.leaf_1 || '"number":"' || number || '"';
                END IF;
                IF write_event(event.leaf_1 || event.leaf_2 || '"position":' || place
                    || ',"recorded_at":"' || moment || '"' || event.leaf_3)
                THEN
                    counter.structure_at := place;
                    is_structure := true;
                END IF;
                IF event.texts IS NOT NULL THEN
                    INSERT INTO texts (id, stream_id, position, words, salt)
                        SELECT t.id, asked.stream_id, place, t.words, decode(t.salt, 'hex')
                        FROM jsonb_to_recordset(event.texts) AS t(id uuid, words text, salt text);
                END IF;
            END LOOP;
            position := place;
            IF asked.key IS NOT NULL THEN
                INSERT INTO commands (key, actor_id, request_hash, status, positions)
                VALUES (asked.key, asked.actor_id, asked.request_hash, asked.status,
                    (SELECT array_agg(p) FROM generate_series(
                        place - jsonb_array_length(asked.events) + 1, place) p));
            END IF;
        END IF;
        RETURN NEXT;
    END LOOP;
    IF place < counter.size OR is_structure OR this_year IS NOT NULL THEN
        UPDATE head h SET size = place, numbered_year = counter.numbered_year,
            last_number = counter.last_number, structure_at = counter.structure_at;
    END IF;
END $$;

-- What becomes of one member of a batch, and where its first answer stands if it is repeated.
CREATE FUNCTION judge(
    asked_stream text, asked_version int, asked_seen bigint, asked_beside text,
    beside_version int, structure_moved boolean, asked_key text, asked_actor text,
    asked_hash text,
    OUT outcome text, OUT first_position bigint
) LANGUAGE plpgsql AS $$
DECLARE
    first commands%ROWTYPE;
BEGIN
    IF asked_key IS NOT NULL THEN
        SELECT * INTO first FROM commands c WHERE c.key = asked_key AND c.actor_id = asked_actor;
        IF FOUND THEN
            outcome := CASE WHEN first.request_hash = asked_hash
                THEN 'repeated' ELSE 'other_request' END;
            first_position := first.positions[array_upper(first.positions, 1)];
            RETURN;
        END IF;
    END IF;
    IF asked_version <> 1 + coalesce((SELECT e.version FROM events e
            WHERE e.stream_id = asked_stream ORDER BY e.version DESC LIMIT 1), 0)
        OR asked_seen < (SELECT e.position FROM events e WHERE e.name = 'CaseClosed'
            AND e.data ->> 'merged_into' IS NOT NULL AND e.data ->> 'merged_into' = asked_stream
            ORDER BY e.position DESC LIMIT 1)
        OR asked_beside IS NOT NULL AND EXISTS (SELECT FROM events e
            WHERE e.stream_id = asked_beside AND e.version > beside_version)
    THEN
        outcome := 'conflict';
    ELSE
        outcome := CASE WHEN structure_moved THEN 'structure_moved' ELSE 'appended' END;
    END IF;
END $$;

-- Writes the row that *leaf* says; tells whether it is about the municipality's structure.
CREATE FUNCTION write_event(leaf text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    kind text;
BEGIN
    INSERT INTO events SELECT e.*, sha256('\x00' || convert_to(leaf, 'UTF8'))
    FROM jsonb_to_record(leaf::jsonb) AS e(
        position bigint, stream_id text, stream_type text, version int, name text,
        schema_version int, data jsonb, actor jsonb, occurred_at timestamptz,
        recorded_at timestamptz, command_id uuid, causation_id uuid, correlation_id uuid)
    RETURNING stream_type INTO kind;
    RETURN kind <> 'case';
END $$;

-- Tokens that let clients in. Only a digest is kept; the names are for the administrator's list.
CREATE TABLE tokens (
    id text COLLATE "C" PRIMARY KEY,
    name text NOT NULL,
    role text COLLATE "C" NOT NULL,
    organ text COLLATE "C",
    digest bytea NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    revoked_at timestamptz
);

-- How far the views have followed, and under which leader: a leader with an older epoch is fenced.
CREATE TABLE follower (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    position bigint NOT NULL DEFAULT 0,
    epoch bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);
INSERT INTO follower DEFAULT VALUES;
CREATE TABLE views (
    name text COLLATE "C" PRIMARY KEY,
    version int NOT NULL
);
-- Lives that a view could not take in, from the event on that it failed at.
CREATE TABLE parked (
    stream_id text COLLATE "C" PRIMARY KEY,
    position bigint NOT NULL,
    reason text NOT NULL,
    parked_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
