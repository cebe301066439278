-- The secret address under which someone's calendar is read by calendar programs; only its hash is kept.
CREATE TABLE calendar_feeds (
    person_id TEXT NOT NULL CONSTRAINT calendar_feeds_pk PRIMARY KEY CONSTRAINT calendar_feeds_person REFERENCES people (id),
    token_hash TEXT NOT NULL CONSTRAINT calendar_feeds_token UNIQUE,
    made_at BIGINT NOT NULL,
    read_at BIGINT
);
