-- A restriction holds from the moment that it is recorded, however far the views are. Where each
-- case was restricted last:
CREATE TABLE restrictions (
    case_id text COLLATE "C" PRIMARY KEY,
    position bigint NOT NULL
);
CREATE FUNCTION note_restriction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO restrictions VALUES (NEW.stream_id, NEW.position)
        ON CONFLICT (case_id) DO UPDATE SET position = excluded.position;
    RETURN NULL;
END $$;
CREATE TRIGGER restrictions_are_noted AFTER INSERT ON events FOR EACH ROW
    WHEN (NEW.name = 'CaseRestricted') EXECUTE FUNCTION note_restriction();
INSERT INTO restrictions
    SELECT stream_id, max(position) FROM events WHERE name = 'CaseRestricted' GROUP BY 1;

-- The cases of which the views do not know yet that they are restricted: nobody reads them until
-- they do.
CREATE FUNCTION is_shut(stream text) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM restrictions r LEFT JOIN parked p ON p.stream_id = r.case_id
        WHERE r.case_id = stream
            AND (r.position > (SELECT position FROM follower) OR r.position >= p.position));
END $$;
CREATE FUNCTION none_is_shut() RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN NOT EXISTS (
        SELECT FROM restrictions r LEFT JOIN parked p ON p.stream_id = r.case_id
        WHERE r.position > (SELECT position FROM follower) OR r.position >= p.position);
END $$;

CREATE OR REPLACE FUNCTION all_are_read() RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN '*' = ANY(marks()) AND none_is_shut() AND NOT EXISTS (
        SELECT FROM readership r WHERE NOT r.marks @> '{*}' AND NOT r.marks && marks());
END $$;
CREATE OR REPLACE FUNCTION is_read(stream text) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
BEGIN
    RETURN NOT is_shut(stream) AND EXISTS (
        SELECT FROM readership r WHERE r.case_id = stream AND r.marks && marks());
END $$;
