-- The proof that nothing was altered: a Merkle tree over the events (RFC 9162, section 2.1), and the
-- checkpoints of it that were signed.

-- The complete subtrees of level 1 and up, over 2^level events each; those of level 0 are
-- events.leaf_hash. A subtree that is complete never changes.
CREATE TABLE subtrees (
    level smallint NOT NULL,
    place bigint NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (level, place)
);
-- How many events the tree holds: whoever holds this row seals.
CREATE TABLE tree (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    size bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);
INSERT INTO tree DEFAULT VALUES;

-- Every checkpoint that was ever signed.
CREATE TABLE checkpoints (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    size bigint NOT NULL,
    note text NOT NULL
);
CREATE INDEX checkpoints_size ON checkpoints (size, number);
-- The keys that sign them, oldest first, each introduced by a note of the one before it.
CREATE TABLE signing_keys (
    number int PRIMARY KEY,
    vkey text COLLATE "C" NOT NULL UNIQUE,
    introduced text,
    since timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE INDEX events_erasures ON events ((data ->> 'text_id'), position) WHERE name = 'TextErased';
-- What was found when words that were erased were looked for everywhere; never the words.
CREATE TABLE certificates (
    position bigint PRIMARY KEY,
    certificate jsonb NOT NULL
);

CREATE TRIGGER certificates_are_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON certificates
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER subtrees_are_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON subtrees
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER checkpoints_are_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keys_are_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON signing_keys
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
