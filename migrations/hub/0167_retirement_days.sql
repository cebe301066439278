-- The day of retirement that HR set by a document, in place of the computed one. At most one of a person stands; former ones stay.
CREATE TABLE retirement_days (
    id TEXT NOT NULL CONSTRAINT retirement_days_pk PRIMARY KEY,
    person_id TEXT NOT NULL CONSTRAINT retirement_days_person REFERENCES people (id),
    day TEXT NOT NULL,
    document TEXT NOT NULL,
    reason TEXT NOT NULL,
    set_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    ended_by TEXT,
    ended_at BIGINT
);
CREATE UNIQUE INDEX retirement_days_one ON retirement_days (person_id) WHERE ended_at IS NULL;
CREATE INDEX retirement_days_by_person ON retirement_days (person_id, created_at);
CREATE INDEX retirement_days_by_day ON retirement_days (day) WHERE ended_at IS NULL;
