-- HR's gate: every check is recorded with what it answered; a list is a batch with the lines that named nobody.
CREATE TABLE personnel_batches (
    id TEXT NOT NULL CONSTRAINT personnel_batches_pk PRIMARY KEY,
    business TEXT NOT NULL,
    year BIGINT NOT NULL,
    unit_path TEXT NOT NULL,
    checked_by TEXT NOT NULL,
    checked_at BIGINT NOT NULL,
    unresolved TEXT NOT NULL
);
CREATE INDEX personnel_batches_by_unit ON personnel_batches (unit_path, checked_at);

CREATE TABLE personnel_checks (
    no TEXT NOT NULL CONSTRAINT personnel_checks_pk PRIMARY KEY,
    batch_id TEXT NOT NULL CONSTRAINT personnel_checks_batch REFERENCES personnel_batches (id),
    place BIGINT NOT NULL,
    person_id TEXT NOT NULL CONSTRAINT personnel_checks_person REFERENCES people (id),
    certificate_no TEXT,
    allowed BOOLEAN NOT NULL,
    answer TEXT NOT NULL,
    revoked_at BIGINT
);
CREATE INDEX personnel_checks_by_batch ON personnel_checks (batch_id, place);
CREATE INDEX personnel_checks_by_certificate ON personnel_checks (certificate_no);
