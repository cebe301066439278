-- Nonces of the management platform's signed questions, and when a completion was sent last.
CREATE TABLE hub_nonces (
    nonce TEXT NOT NULL CONSTRAINT hub_nonces_pk PRIMARY KEY,
    at BIGINT NOT NULL
);
CREATE INDEX hub_nonces_by_time ON hub_nonces (at);
ALTER TABLE course_completions ADD COLUMN sent_at BIGINT;
ALTER TABLE course_completions ADD COLUMN tries BIGINT NOT NULL DEFAULT 0;
ALTER TABLE course_completions ADD COLUMN last_error TEXT NOT NULL DEFAULT '';
-- Whether the management platform says that a person looks after this platform.
ALTER TABLE learners ADD COLUMN operator BOOLEAN NOT NULL DEFAULT FALSE;
-- What a month's statement of account came to, as the management platform answered it.
CREATE TABLE hub_accounts (
    month TEXT NOT NULL CONSTRAINT hub_accounts_pk PRIMARY KEY,
    answer TEXT NOT NULL,
    at BIGINT NOT NULL
);
