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

-- Who did what to whom; append-only, each entry holds the hash of the one before.
CREATE TABLE audit_entries (
    seq BIGINT NOT NULL CONSTRAINT audit_entries_pk PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    unit_path TEXT NOT NULL,
    details TEXT NOT NULL,
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL
);
CREATE TABLE audit_head (
    one BIGINT NOT NULL CONSTRAINT audit_head_pk PRIMARY KEY,
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL,
    mac TEXT NOT NULL
);
