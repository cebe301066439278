-- Durable background work; see crates/jobs.
CREATE TABLE jobs (
    id TEXT NOT NULL CONSTRAINT jobs_pk PRIMARY KEY,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    dedup_key TEXT CONSTRAINT jobs_dedup UNIQUE,
    run_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    leased_until BIGINT NOT NULL,
    last_error TEXT,
    dead_at BIGINT
);
CREATE INDEX jobs_due ON jobs (run_at);

-- Answers to writes that carried an Idempotency-Key; see crates/site.
CREATE TABLE kept_answers (
    lookup TEXT NOT NULL CONSTRAINT kept_answers_pk PRIMARY KEY,
    request_hash TEXT NOT NULL,
    status BIGINT,
    body TEXT,
    at BIGINT NOT NULL
);
