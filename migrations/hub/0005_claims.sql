CREATE TABLE unit_trainings (
    id TEXT NOT NULL CONSTRAINT unit_trainings_pk PRIMARY KEY,
    unit_id TEXT NOT NULL CONSTRAINT unit_trainings_unit REFERENCES units (id),
    title TEXT NOT NULL,
    from_day TEXT NOT NULL,
    to_day TEXT NOT NULL,
    days BIGINT NOT NULL,
    subject TEXT NOT NULL,
    booked_by TEXT NOT NULL,
    booked_at BIGINT NOT NULL,
    CONSTRAINT unit_trainings_once UNIQUE (unit_id, title, from_day, to_day, subject)
);
CREATE INDEX unit_trainings_by_unit ON unit_trainings (unit_id, from_day);

CREATE TABLE training_rows (
    training_id TEXT NOT NULL CONSTRAINT training_rows_training REFERENCES unit_trainings (id),
    person_id TEXT NOT NULL CONSTRAINT training_rows_person REFERENCES people (id),
    state TEXT NOT NULL,
    entry_id TEXT,
    decided_by TEXT,
    decided_at BIGINT NOT NULL,
    CONSTRAINT training_rows_pk PRIMARY KEY (training_id, person_id)
);
