-- Who is married to whom, as far as recorded: neither decides the other's cases.
CREATE TABLE spouses (
    person_id TEXT NOT NULL CONSTRAINT spouses_person REFERENCES people (id),
    spouse_id TEXT NOT NULL CONSTRAINT spouses_spouse REFERENCES people (id),
    recorded_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT spouses_pk PRIMARY KEY (person_id, spouse_id)
);
CREATE INDEX spouses_by_spouse ON spouses (spouse_id);

-- Who takes a unit's claims over that wait too long (副审).
CREATE TABLE review_deputies (
    unit_id TEXT NOT NULL CONSTRAINT review_deputies_pk PRIMARY KEY CONSTRAINT review_deputies_unit REFERENCES units (id),
    deputy_id TEXT NOT NULL CONSTRAINT review_deputies_deputy REFERENCES people (id),
    named_by TEXT NOT NULL,
    named_at BIGINT NOT NULL
);

-- What an authority decided on something that signals pointed at; append-only.
CREATE TABLE signal_decisions (
    id TEXT NOT NULL CONSTRAINT signal_decisions_pk PRIMARY KEY,
    kind TEXT NOT NULL,
    object_id TEXT NOT NULL,
    signals TEXT NOT NULL,
    decision TEXT NOT NULL,
    comment TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    decided_at BIGINT NOT NULL
);
CREATE INDEX signal_decisions_by_object ON signal_decisions (kind, object_id, decided_at);

-- The day that a piece of evidence says it was made on, where its data tells.
ALTER TABLE files ADD COLUMN dated TEXT;
