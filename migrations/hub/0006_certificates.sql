CREATE TABLE certificates (
    no TEXT NOT NULL CONSTRAINT certificates_pk PRIMARY KEY,
    person_id TEXT NOT NULL CONSTRAINT certificates_person REFERENCES people (id),
    year BIGINT NOT NULL,
    issue BIGINT NOT NULL,
    state TEXT NOT NULL,
    content TEXT NOT NULL,
    signature TEXT NOT NULL,
    key_id TEXT NOT NULL,
    issued_at BIGINT NOT NULL,
    CONSTRAINT certificates_once UNIQUE (person_id, year, issue)
);
