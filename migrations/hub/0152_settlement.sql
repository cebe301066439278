-- What course platforms are paid per proven hour: the terms, a statement a month, its lines from the ledger, what was said on a line.
CREATE TABLE settlement_terms (
    provider_id TEXT NOT NULL CONSTRAINT settlement_terms_pk PRIMARY KEY CONSTRAINT settlement_terms_provider REFERENCES providers (id),
    public_rate BIGINT NOT NULL,
    professional_rate BIGINT NOT NULL,
    suspend_percent BIGINT NOT NULL,
    updated_by TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE TABLE settlement_statements (
    id TEXT NOT NULL CONSTRAINT settlement_statements_pk PRIMARY KEY,
    provider_id TEXT NOT NULL CONSTRAINT settlement_statements_provider REFERENCES providers (id),
    month TEXT NOT NULL,
    state TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    confirmed_by TEXT,
    confirmed_at BIGINT,
    suspended_because TEXT,
    paid_on TEXT,
    payment_reference TEXT,
    CONSTRAINT settlement_statements_once UNIQUE (provider_id, month)
);
-- An entry of the ledger is settled once: a credit adds, a reversal takes back at the rate at which it was paid.
CREATE TABLE settlement_lines (
    statement_id TEXT NOT NULL CONSTRAINT settlement_lines_statement REFERENCES settlement_statements (id),
    place BIGINT NOT NULL,
    entry_id TEXT NOT NULL CONSTRAINT settlement_lines_entry UNIQUE,
    kind TEXT NOT NULL,
    at BIGINT NOT NULL,
    person_id TEXT NOT NULL CONSTRAINT settlement_lines_person REFERENCES people (id),
    title TEXT NOT NULL,
    subject TEXT NOT NULL,
    hours BIGINT NOT NULL,
    rate BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    state TEXT NOT NULL,
    CONSTRAINT settlement_lines_pk PRIMARY KEY (statement_id, place)
);
CREATE INDEX settlement_lines_by_person ON settlement_lines (person_id);
CREATE TABLE settlement_remarks (
    id TEXT NOT NULL CONSTRAINT settlement_remarks_pk PRIMARY KEY,
    statement_id TEXT NOT NULL,
    place BIGINT NOT NULL,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    said_by TEXT NOT NULL,
    said_at BIGINT NOT NULL,
    CONSTRAINT settlement_remarks_line FOREIGN KEY (statement_id, place) REFERENCES settlement_lines (statement_id, place)
);
CREATE INDEX settlement_remarks_by_line ON settlement_remarks (statement_id, place, said_at);
CREATE INDEX hour_entries_by_source ON hour_entries (source, at);
