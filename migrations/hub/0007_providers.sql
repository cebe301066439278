CREATE TABLE providers (
    id TEXT NOT NULL CONSTRAINT providers_pk PRIMARY KEY,
    name TEXT NOT NULL CONSTRAINT providers_name UNIQUE,
    title TEXT NOT NULL,
    former_title TEXT NOT NULL,
    site_url TEXT NOT NULL,
    redirect_uris TEXT NOT NULL,
    notice_url TEXT NOT NULL,
    telephone TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE TABLE provider_keys (
    key_id TEXT NOT NULL CONSTRAINT provider_keys_pk PRIMARY KEY,
    provider_id TEXT NOT NULL CONSTRAINT provider_keys_provider REFERENCES providers (id),
    secret_sealed TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE TABLE provider_nonces (
    key_id TEXT NOT NULL,
    nonce TEXT NOT NULL,
    at BIGINT NOT NULL,
    CONSTRAINT provider_nonces_pk PRIMARY KEY (key_id, nonce)
);
CREATE INDEX provider_nonces_by_time ON provider_nonces (at);

-- A person is known to each provider under another id.
CREATE TABLE provider_subjects (
    provider_id TEXT NOT NULL CONSTRAINT provider_subjects_provider REFERENCES providers (id),
    subject_id TEXT NOT NULL,
    person_id TEXT NOT NULL CONSTRAINT provider_subjects_person REFERENCES people (id),
    CONSTRAINT provider_subjects_pk PRIMARY KEY (provider_id, subject_id),
    CONSTRAINT provider_subjects_once UNIQUE (provider_id, person_id)
);
CREATE TABLE launch_tickets (
    ticket_hash TEXT NOT NULL CONSTRAINT launch_tickets_pk PRIMARY KEY,
    provider_id TEXT NOT NULL CONSTRAINT launch_tickets_provider REFERENCES providers (id),
    person_id TEXT NOT NULL CONSTRAINT launch_tickets_person REFERENCES people (id),
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE TABLE provider_courses (
    id TEXT NOT NULL CONSTRAINT provider_courses_pk PRIMARY KEY,
    provider_id TEXT NOT NULL CONSTRAINT provider_courses_provider REFERENCES providers (id),
    course TEXT NOT NULL,
    title TEXT NOT NULL,
    subject TEXT NOT NULL,
    topic TEXT NOT NULL,
    seconds BIGINT NOT NULL,
    price BIGINT NOT NULL,
    free BOOLEAN NOT NULL,
    listed BOOLEAN NOT NULL,
    synced_at BIGINT NOT NULL,
    CONSTRAINT provider_courses_once UNIQUE (provider_id, course)
);
CREATE TABLE completions (
    provider_id TEXT NOT NULL CONSTRAINT completions_provider REFERENCES providers (id),
    completion_id TEXT NOT NULL,
    body_hash TEXT NOT NULL,
    status TEXT NOT NULL,
    reason TEXT,
    person_id TEXT,
    course TEXT NOT NULL,
    entry_id TEXT,
    body TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    CONSTRAINT completions_pk PRIMARY KEY (provider_id, completion_id)
);
CREATE INDEX completions_by_person ON completions (person_id, received_at);
