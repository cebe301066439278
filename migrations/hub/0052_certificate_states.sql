-- Certificates have kinds, revisions and an end; what was issued stays for ever.
ALTER TABLE certificates ADD COLUMN kind TEXT NOT NULL DEFAULT 'training';
ALTER TABLE certificates ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
ALTER TABLE certificates ADD COLUMN unit_id TEXT;
ALTER TABLE certificates ADD COLUMN revoked_at BIGINT;
ALTER TABLE certificates ADD COLUMN revoked_reason TEXT;
ALTER TABLE certificates ADD COLUMN status_slot BIGINT;

-- One living certificate a person and year; a make-up certificate is the year's certificate. Statements may be many.
CREATE UNIQUE INDEX certificates_living ON certificates
    (person_id, year, (CASE WHEN kind = 'make_up' THEN 'training' ELSE kind END))
    WHERE state = 'valid' AND kind <> 'statement';
CREATE UNIQUE INDEX certificates_slot ON certificates (status_slot);
CREATE INDEX certificates_by_end ON certificates (revoked_at);

-- Earlier revisions of a number, as they were signed.
CREATE TABLE certificate_revisions (
    no TEXT NOT NULL CONSTRAINT certificate_revisions_no REFERENCES certificates (no),
    revision BIGINT NOT NULL,
    content TEXT NOT NULL,
    signature TEXT NOT NULL,
    key_id TEXT NOT NULL,
    issued_at BIGINT NOT NULL,
    superseded_at BIGINT NOT NULL,
    CONSTRAINT certificate_revisions_pk PRIMARY KEY (no, revision)
);

-- Every file that was handed out, by its hash: an uploaded one is genuine or it is not.
CREATE TABLE certificate_prints (
    sha256 TEXT NOT NULL CONSTRAINT certificate_prints_pk PRIMARY KEY,
    no TEXT NOT NULL CONSTRAINT certificate_prints_no REFERENCES certificates (no),
    revision BIGINT NOT NULL,
    at BIGINT NOT NULL
);

-- Public checks by network, for the limit.
CREATE TABLE verify_attempts (
    network TEXT NOT NULL,
    is_found BOOLEAN NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX verify_attempts_by_network ON verify_attempts (network, at);
