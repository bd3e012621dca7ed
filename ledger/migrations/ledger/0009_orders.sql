-- Orders: each is for those who ordered it and those it was ordered from. It bears marks, as a case
-- does.
DROP POLICY reader ON events;
CREATE POLICY reader ON events FOR SELECT TO loft_reader
    USING (stream_type NOT IN ('case', 'meeting', 'order')
        OR (SELECT all_are_read()) OR is_read(stream_id));
DROP POLICY reader ON texts;
CREATE POLICY reader ON texts FOR SELECT TO loft_reader
    USING ((stream_id LIKE '%:%' AND stream_id NOT LIKE 'meeting:%' AND stream_id NOT LIKE 'order:%')
        OR stream_id IN ('plan', 'municipality')
        OR (SELECT all_are_read()) OR is_read(stream_id));
