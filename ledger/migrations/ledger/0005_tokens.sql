-- What narrows and ends a token, and what became of it. scope: the words of the actions that it is
-- narrowed to; NULL is not narrowed. created_by and revoked_by: the actor's id; NULL is the command
-- line. last_used_at is kept to the minute.
ALTER TABLE tokens
    ADD COLUMN scope text[] COLLATE "C",
    ADD COLUMN expires_at timestamptz,
    ADD COLUMN last_used_at timestamptz,
    ADD COLUMN created_by text COLLATE "C",
    ADD COLUMN revoked_by text COLLATE "C";
