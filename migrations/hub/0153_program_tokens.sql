-- Tokens for programs: each good for one purpose at one place, made by a person whose role it borrows. Only a hash is kept.
CREATE TABLE program_tokens (
    id TEXT NOT NULL CONSTRAINT program_tokens_pk PRIMARY KEY,
    token_hash TEXT NOT NULL CONSTRAINT program_tokens_hash UNIQUE,
    purpose TEXT NOT NULL,
    name TEXT NOT NULL,
    person_id TEXT NOT NULL CONSTRAINT program_tokens_person REFERENCES people (id),
    unit_id TEXT NOT NULL CONSTRAINT program_tokens_unit REFERENCES units (id),
    made_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT,
    used_at BIGINT
);
CREATE INDEX program_tokens_by_unit ON program_tokens (unit_id, made_at);
