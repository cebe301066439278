-- In-person trainings: one day each, with who came and went.
CREATE TABLE attendances (
    id TEXT NOT NULL CONSTRAINT attendances_pk PRIMARY KEY,
    unit_id TEXT NOT NULL CONSTRAINT attendances_unit REFERENCES units (id),
    title TEXT NOT NULL,
    place TEXT NOT NULL,
    subject TEXT NOT NULL,
    from_at BIGINT NOT NULL,
    to_at BIGINT NOT NULL,
    days BIGINT NOT NULL,
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL
);
CREATE INDEX attendances_by_unit ON attendances (unit_id, from_at);

-- One row a person; one device serves one person.
CREATE TABLE attendance_marks (
    attendance_id TEXT NOT NULL CONSTRAINT attendance_marks_attendance REFERENCES attendances (id),
    person_id TEXT NOT NULL CONSTRAINT attendance_marks_person REFERENCES people (id),
    in_at BIGINT NOT NULL,
    out_at BIGINT,
    way TEXT NOT NULL,
    device_hash TEXT,
    listed_by TEXT,
    reason TEXT,
    CONSTRAINT attendance_marks_pk PRIMARY KEY (attendance_id, person_id),
    CONSTRAINT attendance_marks_device UNIQUE (attendance_id, device_hash)
);

-- The first request with a valid code holds its instant until its owner has signed in.
CREATE TABLE attendance_tickets (
    token_hash TEXT NOT NULL CONSTRAINT attendance_tickets_pk PRIMARY KEY,
    attendance_id TEXT NOT NULL CONSTRAINT attendance_tickets_attendance REFERENCES attendances (id),
    at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX attendance_tickets_by_time ON attendance_tickets (at);
