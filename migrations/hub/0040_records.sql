-- The Learning Record Store; see features/records. A tenant is a provider. `stored` is in microseconds and never given twice.
CREATE TABLE record_tenants (
    tenant BIGINT NOT NULL CONSTRAINT record_tenants_pk PRIMARY KEY,
    provider_id TEXT NOT NULL CONSTRAINT record_tenants_provider UNIQUE,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
-- Of a secret of 256 bits only a keyed MAC is kept.
CREATE TABLE record_credentials (
    username TEXT NOT NULL CONSTRAINT record_credentials_pk PRIMARY KEY,
    tenant BIGINT NOT NULL CONSTRAINT record_credentials_tenant REFERENCES record_tenants (tenant),
    secret_mac TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE TABLE record_clock (
    one BIGINT NOT NULL CONSTRAINT record_clock_pk PRIMARY KEY,
    last BIGINT NOT NULL
);
INSERT INTO record_clock (one, last) VALUES (1, 0);

CREATE TABLE record_statements (
    tenant BIGINT NOT NULL,
    stored BIGINT NOT NULL,
    id TEXT NOT NULL,
    voiding BOOLEAN NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT record_statements_pk PRIMARY KEY (tenant, stored),
    CONSTRAINT record_statements_id UNIQUE (tenant, id)
);
-- What statements are found by: a term is a number of a provider and an Agent, Verb, Activity or registration.
CREATE TABLE record_terms (
    term BIGINT NOT NULL,
    stored BIGINT NOT NULL,
    CONSTRAINT record_terms_pk PRIMARY KEY (term, stored)
);
-- Statements whose object is another statement; the other may come later or never.
CREATE TABLE record_refs (
    tenant BIGINT NOT NULL,
    target TEXT NOT NULL,
    stored BIGINT NOT NULL,
    source TEXT NOT NULL,
    voids BOOLEAN NOT NULL,
    CONSTRAINT record_refs_pk PRIMARY KEY (tenant, target, stored)
);
CREATE INDEX record_refs_by_source ON record_refs (tenant, source);
CREATE TABLE record_attachments (
    tenant BIGINT NOT NULL,
    sha2 TEXT NOT NULL,
    content_type TEXT NOT NULL,
    length BIGINT NOT NULL,
    content BYTEA NOT NULL,
    CONSTRAINT record_attachments_pk PRIMARY KEY (tenant, sha2)
);
-- Keys are hashes, because IRIs and identifiers may be longer than an index takes.
CREATE TABLE record_activities (
    tenant BIGINT NOT NULL,
    activity_key TEXT NOT NULL,
    id TEXT NOT NULL,
    definition TEXT NOT NULL,
    CONSTRAINT record_activities_pk PRIMARY KEY (tenant, activity_key)
);
CREATE TABLE record_names (
    tenant BIGINT NOT NULL,
    agent_key TEXT NOT NULL,
    name TEXT NOT NULL,
    CONSTRAINT record_names_pk PRIMARY KEY (tenant, agent_key, name)
);
-- State, Activity profile and Agent profile documents. The context is what their list is asked by.
CREATE TABLE record_documents (
    tenant BIGINT NOT NULL,
    context_key TEXT NOT NULL,
    registration TEXT NOT NULL,
    document_key TEXT NOT NULL,
    document_id TEXT NOT NULL,
    content_type TEXT NOT NULL,
    etag TEXT NOT NULL,
    updated BIGINT NOT NULL,
    content BYTEA NOT NULL,
    CONSTRAINT record_documents_pk PRIMARY KEY (tenant, context_key, registration, document_key)
);
CREATE INDEX record_documents_by_time ON record_documents (tenant, context_key, updated);
