-- 历史导入: what years before the ledger came to, from a source document. Rows are never rewritten; a wrong one is ended.
CREATE TABLE legacy_years (
    id TEXT NOT NULL CONSTRAINT legacy_years_pk PRIMARY KEY,
    person_id TEXT NOT NULL CONSTRAINT legacy_years_person REFERENCES people (id),
    year BIGINT NOT NULL,
    public_hours BIGINT NOT NULL,
    professional_hours BIGINT NOT NULL,
    total_hours BIGINT NOT NULL,
    certificate_no TEXT,
    document TEXT NOT NULL,
    file_sha256 TEXT NOT NULL,
    imported_by TEXT NOT NULL,
    imported_at BIGINT NOT NULL,
    ended_by TEXT,
    ended_at BIGINT,
    ended_reason TEXT
);
CREATE INDEX legacy_years_by_person ON legacy_years (person_id, year);

-- 岗前、转岗培训 of a person: hours beside those of the year (40 h nationally).
CREATE TABLE induction_trainings (
    id TEXT NOT NULL CONSTRAINT induction_trainings_pk PRIMARY KEY,
    person_id TEXT NOT NULL CONSTRAINT induction_trainings_person REFERENCES people (id),
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    from_day TEXT NOT NULL,
    to_day TEXT NOT NULL,
    hours BIGINT NOT NULL,
    document TEXT NOT NULL,
    recorded_by TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    ended_by TEXT,
    ended_at BIGINT
);
CREATE INDEX induction_trainings_by_person ON induction_trainings (person_id, kind);

-- A recorded incident, such as a provider's outage, and whom the authority gave more time for it.
CREATE TABLE incidents (
    id TEXT NOT NULL CONSTRAINT incidents_pk PRIMARY KEY,
    unit_path TEXT NOT NULL,
    provider TEXT NOT NULL,
    title TEXT NOT NULL,
    from_ms BIGINT NOT NULL,
    to_ms BIGINT NOT NULL,
    recorded_by TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    year BIGINT,
    until TEXT,
    reason TEXT,
    extended_by TEXT,
    extended_at BIGINT
);
CREATE INDEX incidents_by_time ON incidents (recorded_at);
CREATE TABLE incident_people (
    incident_id TEXT NOT NULL CONSTRAINT incident_people_incident REFERENCES incidents (id),
    person_id TEXT NOT NULL CONSTRAINT incident_people_person REFERENCES people (id),
    course TEXT NOT NULL,
    day TEXT NOT NULL,
    how TEXT NOT NULL,
    CONSTRAINT incident_people_pk PRIMARY KEY (incident_id, person_id, course, day)
);
