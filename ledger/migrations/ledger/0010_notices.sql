-- Notices that go out of the house: what is owed to whom, and where people and systems want it. None
-- of this is a view: a rebuild must not send again what was sent.

-- How far each person has read what they were told.
CREATE TABLE notices_read (
    person text COLLATE "C" PRIMARY KEY,
    position bigint NOT NULL
);

-- How each person wants to be told by e-mail. kinds_off: the events that they want none of. since:
-- only what stands after this position goes out. An address is erased by deleting its row.
CREATE TABLE notice_choices (
    person text COLLATE "C" PRIMARY KEY,
    address text NOT NULL,
    mode text COLLATE "C" NOT NULL CHECK (mode IN ('at_once', 'daily', 'none')),
    hour int NOT NULL CHECK (hour BETWEEN 0 AND 23),
    kinds_off text[] COLLATE "C" NOT NULL,
    since bigint NOT NULL
);

-- Systems that are told. secret: sealed under the installation's secret; former_secret signs beside
-- it until former_until. failing: how often in a row it could not be reached.
CREATE TABLE webhooks (
    id text COLLATE "C" PRIMARY KEY,
    url text NOT NULL,
    events text[] COLLATE "C" NOT NULL,
    secret bytea NOT NULL,
    former_secret bytea,
    former_until timestamptz,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_by text COLLATE "C" NOT NULL,
    since bigint NOT NULL,
    failing int NOT NULL DEFAULT 0,
    problem text COLLATE "C",
    last_sent_at timestamptz,
    parked_at timestamptz,
    deleted_at timestamptz
);

-- What is to go out: a row for each event, receiver and channel, whatever is rebuilt or replayed.
-- recipient: a person's or a webhook's id. state: pending; sent; parked, given up after many tries;
-- restored, pending in a backup that was put back, so that it may have been sent since; withheld,
-- not wanted or not allowed any more.
CREATE TABLE outbox (
    position bigint NOT NULL,
    recipient text COLLATE "C" NOT NULL,
    channel text COLLATE "C" NOT NULL CHECK (channel IN ('mail', 'webhook')),
    state text COLLATE "C" NOT NULL DEFAULT 'pending'
        CHECK (state IN ('pending', 'sent', 'parked', 'restored', 'withheld')),
    digest boolean NOT NULL DEFAULT false,
    due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    attempts int NOT NULL DEFAULT 0,
    problem text COLLATE "C",
    settled_at timestamptz,
    PRIMARY KEY (position, recipient, channel)
);
CREATE INDEX outbox_pending ON outbox (channel, recipient, position) WHERE state = 'pending';
CREATE INDEX outbox_stuck ON outbox (position, recipient, channel)
    WHERE state IN ('parked', 'restored');

-- Nothing up to this position goes out: it happened before there was an outbox.
CREATE TABLE outbox_begins (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    position bigint NOT NULL
);
INSERT INTO outbox_begins (position) SELECT size FROM head;
