CREATE TABLE policies (
    year BIGINT NOT NULL,
    version BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    text TEXT NOT NULL,
    activated_by TEXT,
    activated_at BIGINT NOT NULL,
    CONSTRAINT policies_pk PRIMARY KEY (year, version)
);

-- The hour ledger: append-only, chained per person. `facts` is the credit as the rules read it (contract, record).
CREATE TABLE hour_entries (
    id TEXT NOT NULL CONSTRAINT hour_entries_pk PRIMARY KEY,
    person_id TEXT NOT NULL CONSTRAINT hour_entries_person REFERENCES people (id),
    seq BIGINT NOT NULL,
    year BIGINT NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    source_key TEXT NOT NULL CONSTRAINT hour_entries_source UNIQUE,
    title TEXT NOT NULL,
    subject TEXT NOT NULL,
    hours BIGINT NOT NULL,
    facts TEXT NOT NULL,
    evidence TEXT,
    decided_by TEXT,
    policy TEXT NOT NULL,
    reverses TEXT,
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    CONSTRAINT hour_entries_chain UNIQUE (person_id, seq)
);
CREATE INDEX hour_entries_by_year ON hour_entries (person_id, year, seq);

-- The last entry of each chain under a keyed MAC, so that a cut-off tail is found.
CREATE TABLE hour_heads (
    person_id TEXT NOT NULL CONSTRAINT hour_heads_pk PRIMARY KEY,
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL,
    mac TEXT NOT NULL
);
