-- Who was shown whose words. The access log is a ledger of its own, in a schema beside that of the
-- cases, with the same tables, hashes and checkpoints; in the ledger of the cases this index is empty.
CREATE INDEX events_accesses ON events USING gin ((data -> 'cases') jsonb_ops)
    WHERE stream_type = 'access';
