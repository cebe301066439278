-- What a roster knows beyond the basic columns. A post that the person entered waits for the unit's confirmation.
ALTER TABLE people ADD COLUMN id_type TEXT NOT NULL DEFAULT 'resident_id';
ALTER TABLE people ADD COLUMN staff_no TEXT;
ALTER TABLE people ADD COLUMN post_claimed_at BIGINT;
CREATE INDEX people_by_staff_no ON people (unit_id, staff_no);

-- Who was where with which status from which day: one row for every change, never rewritten. An empty day is the
-- beginning; of two rows of one day the later seq holds.
CREATE TABLE placements (
    person_id TEXT NOT NULL CONSTRAINT placements_person REFERENCES people (id),
    seq BIGINT NOT NULL,
    from_day TEXT NOT NULL,
    unit_id TEXT NOT NULL CONSTRAINT placements_unit REFERENCES units (id),
    department_id TEXT CONSTRAINT placements_department REFERENCES units (id),
    status TEXT NOT NULL,
    category TEXT,
    level TEXT,
    establishment TEXT NOT NULL,
    reason TEXT NOT NULL,
    recorded_by TEXT,
    recorded_at BIGINT NOT NULL,
    CONSTRAINT placements_pk PRIMARY KEY (person_id, seq)
);
CREATE INDEX placements_by_unit ON placements (unit_id, from_day);

INSERT INTO placements (person_id, seq, from_day, unit_id, department_id, status, category, level, establishment, reason, recorded_at)
SELECT id, 1, COALESCE(joined_on, ''), unit_id, department_id, status, category, level, establishment, 'entered', created_at
FROM people;

-- Numbers that a person had before a correction: they still lead to the person.
CREATE TABLE former_papers (
    lookup TEXT NOT NULL,
    person_id TEXT NOT NULL CONSTRAINT former_papers_person REFERENCES people (id),
    masked TEXT NOT NULL,
    until BIGINT NOT NULL,
    CONSTRAINT former_papers_pk PRIMARY KEY (lookup, person_id)
);
