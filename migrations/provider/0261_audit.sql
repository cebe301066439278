-- Who did what on this platform; append-only by trigger, each entry holds the hash of the one before. As on the management platform.
CREATE TABLE audit_entries (
    seq BIGINT NOT NULL CONSTRAINT audit_entries_pk PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    unit_path TEXT NOT NULL,
    details TEXT NOT NULL,
    address TEXT NOT NULL,
    role TEXT,
    place TEXT NOT NULL,
    behalf TEXT,
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL
);
CREATE INDEX audit_entries_by_object ON audit_entries (object, seq);
CREATE INDEX audit_entries_by_action ON audit_entries (action, seq);
CREATE TABLE audit_head (
    one BIGINT NOT NULL CONSTRAINT audit_head_pk PRIMARY KEY,
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL,
    mac TEXT NOT NULL
);
