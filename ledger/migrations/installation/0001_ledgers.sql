-- Which ledgers this installation holds: one schema each. A ledger has no key until a municipality
-- has been imported into it.
CREATE TABLE ledgers (
    schema text PRIMARY KEY,
    key text UNIQUE,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
