-- Who signs in with whom: a provider's name for somebody, and the person that they are here. A
-- subject is what the provider has promised never to give to another; it is no number of birth.
CREATE TABLE identities (
    provider text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    person text COLLATE "C" NOT NULL,
    bound_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    invited_by text COLLATE "C",
    PRIMARY KEY (provider, subject)
);
CREATE INDEX identities_person ON identities (person, provider, subject);

-- Codes that bind whoever signs in next with one to a person who is registered already.
CREATE TABLE invitations (
    digest bytea PRIMARY KEY,
    person text COLLATE "C" NOT NULL,
    invited_by text COLLATE "C" NOT NULL,
    expires_at timestamptz NOT NULL
);

-- Sign-ins that have begun and not come back. Nothing here opens anything: the browser's cookie
-- holds what the verifier and the nonce are made from.
CREATE TABLE sign_ins (
    state bytea PRIMARY KEY,
    browser bytea NOT NULL,
    provider text COLLATE "C" NOT NULL,
    return_to text NOT NULL,
    invitation bytea,
    begun_at timestamptz NOT NULL
);

-- Whoever is signed in. `seats` and `roles`: those that the session began with; without one of
-- them it ends.
CREATE TABLE sessions (
    digest bytea PRIMARY KEY,
    person text COLLATE "C" NOT NULL,
    provider text COLLATE "C" NOT NULL,
    seats text[] NOT NULL,
    roles text[] NOT NULL,
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz
);
