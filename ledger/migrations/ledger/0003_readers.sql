-- Who reads what: the database refuses what the application forgot to ask.

-- A token may be a person's: then it lets in by their seats and roles.
ALTER TABLE tokens ADD person text COLLATE "C";

-- The marks of whoever reads on this connection, as domain/rights.py gives them out.
CREATE FUNCTION marks() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT string_to_array(current_setting('loft.marks', true), ' ') $$;
-- Whether they read the case that this stream is, and whether they read them all: asked once a query,
-- which spares most readers a look for each row. The table is looked up when it is asked: it is a
-- view's, and gives its place to a newer one.
CREATE FUNCTION all_are_read() RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN '*' = ANY(marks()) AND NOT EXISTS (
        SELECT FROM readership r WHERE NOT r.marks @> '{*}' AND NOT r.marks && marks());
END $$;
CREATE FUNCTION is_read(stream text) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM readership r WHERE r.case_id = stream AND r.marks && marks());
END $$;
ALTER TABLE events ENABLE ROW LEVEL SECURITY;
ALTER TABLE texts ENABLE ROW LEVEL SECURITY;
CREATE POLICY reader ON events FOR SELECT TO loft_reader
    USING (stream_type <> 'case' OR (SELECT all_are_read()) OR is_read(stream_id));
-- A case's stream is a bare id; every other is named with a colon, or is the only one of its kind.
CREATE POLICY reader ON texts FOR SELECT TO loft_reader
    USING (stream_id LIKE '%:%' OR stream_id IN ('plan', 'municipality')
        OR (SELECT all_are_read()) OR is_read(stream_id));
