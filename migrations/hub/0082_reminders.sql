-- What a unit may spend on reminders by SMS in a calendar year; without a row nothing. Codes are never counted here.
CREATE TABLE sms_budgets (
    unit_id TEXT NOT NULL CONSTRAINT sms_budgets_unit REFERENCES units (id),
    year BIGINT NOT NULL,
    fen BIGINT NOT NULL,
    fen_per_segment BIGINT NOT NULL,
    set_by TEXT NOT NULL,
    set_at BIGINT NOT NULL,
    CONSTRAINT sms_budgets_pk PRIMARY KEY (unit_id, year)
);

-- One sending by hand.
CREATE TABLE reminder_batches (
    id TEXT NOT NULL CONSTRAINT reminder_batches_pk PRIMARY KEY,
    sent_by TEXT NOT NULL,
    unit_path TEXT NOT NULL,
    people BIGINT NOT NULL,
    texted BIGINT NOT NULL,
    segments BIGINT NOT NULL,
    fen BIGINT NOT NULL,
    at BIGINT NOT NULL
);

-- What each person got: by hand (with its batch) or by an automatic step before 12-31.
CREATE TABLE reminders (
    id TEXT NOT NULL CONSTRAINT reminders_pk PRIMARY KEY,
    person_id TEXT NOT NULL CONSTRAINT reminders_person REFERENCES people (id),
    batch_id TEXT,
    step BIGINT,
    way TEXT NOT NULL,
    segments BIGINT NOT NULL,
    fen BIGINT NOT NULL,
    payer_id TEXT NOT NULL,
    year BIGINT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX reminders_by_person ON reminders (person_id, at);
CREATE INDEX reminders_by_payer ON reminders (payer_id, year);
-- A step tells a person once, also when two nodes work on the same portion.
CREATE UNIQUE INDEX reminders_once ON reminders (person_id, year, step) WHERE step IS NOT NULL;
