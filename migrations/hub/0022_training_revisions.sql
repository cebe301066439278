-- A training that was taken back makes room for the right one: `revision` is 0 while it stands.
CREATE TABLE trainings_kept (
    id TEXT NOT NULL CONSTRAINT trainings_kept_pk PRIMARY KEY,
    unit_id TEXT NOT NULL CONSTRAINT trainings_kept_unit REFERENCES units (id),
    title TEXT NOT NULL,
    from_day TEXT NOT NULL,
    to_day TEXT NOT NULL,
    days BIGINT NOT NULL,
    subject TEXT NOT NULL,
    booked_by TEXT NOT NULL,
    booked_at BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    CONSTRAINT trainings_kept_once UNIQUE (unit_id, title, from_day, to_day, subject, revision)
);
INSERT INTO trainings_kept (id, unit_id, title, from_day, to_day, days, subject, booked_by, booked_at, revision)
    SELECT id, unit_id, title, from_day, to_day, days, subject, booked_by, booked_at, 0 FROM unit_trainings;
CREATE TABLE training_rows_kept (
    training_id TEXT NOT NULL CONSTRAINT training_rows_kept_training REFERENCES trainings_kept (id),
    person_id TEXT NOT NULL CONSTRAINT training_rows_kept_person REFERENCES people (id),
    state TEXT NOT NULL,
    entry_id TEXT,
    decided_by TEXT,
    decided_at BIGINT NOT NULL,
    CONSTRAINT training_rows_kept_pk PRIMARY KEY (training_id, person_id)
);
INSERT INTO training_rows_kept (training_id, person_id, state, entry_id, decided_by, decided_at)
    SELECT training_id, person_id, state, entry_id, decided_by, decided_at FROM training_rows;
DROP TABLE training_rows;
DROP TABLE unit_trainings;
ALTER TABLE trainings_kept RENAME TO unit_trainings;
ALTER TABLE training_rows_kept RENAME TO training_rows;
CREATE INDEX unit_trainings_by_unit_day ON unit_trainings (unit_id, from_day);
CREATE INDEX training_rows_by_person ON training_rows (person_id);
