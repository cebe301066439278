-- A person goes to another unit: asked by the new one, released by the old one, or forced by the authority over both.
CREATE TABLE transfers (
    id TEXT NOT NULL CONSTRAINT transfers_pk PRIMARY KEY,
    person_id TEXT NOT NULL CONSTRAINT transfers_person REFERENCES people (id),
    from_unit TEXT NOT NULL CONSTRAINT transfers_from REFERENCES units (id),
    to_unit TEXT NOT NULL CONSTRAINT transfers_to REFERENCES units (id),
    to_department TEXT,
    from_day TEXT NOT NULL,
    state TEXT NOT NULL,
    is_forced BOOLEAN NOT NULL,
    reason TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    decided_by TEXT,
    decided_at BIGINT,
    comment TEXT
);
CREATE INDEX transfers_by_person ON transfers (person_id, asked_at);
CREATE UNIQUE INDEX transfers_open ON transfers (person_id) WHERE state = 'asked';
CREATE INDEX transfers_by_from ON transfers (from_unit, state);
CREATE INDEX transfers_by_to ON transfers (to_unit, state);

-- Two records of one human: the one that stays and the one that went into it, whose history is kept.
ALTER TABLE people ADD COLUMN merged_into TEXT;
CREATE INDEX people_by_merged ON people (merged_into);
CREATE INDEX people_by_name ON people (name, birth_date);
CREATE TABLE person_merges (
    id TEXT NOT NULL CONSTRAINT person_merges_pk PRIMARY KEY,
    kept_id TEXT NOT NULL CONSTRAINT person_merges_kept REFERENCES people (id),
    gone_id TEXT NOT NULL CONSTRAINT person_merges_gone UNIQUE REFERENCES people (id),
    reason TEXT NOT NULL,
    credits BIGINT NOT NULL,
    merged_by TEXT NOT NULL,
    merged_at BIGINT NOT NULL
);
CREATE INDEX person_merges_by_kept ON person_merges (kept_id);

-- Posts beside the main one: held at the same time (双肩挑), or at a host unit (借调).
CREATE TABLE posts (
    id TEXT NOT NULL CONSTRAINT posts_pk PRIMARY KEY,
    person_id TEXT NOT NULL CONSTRAINT posts_person REFERENCES people (id),
    kind TEXT NOT NULL,
    unit_id TEXT NOT NULL CONSTRAINT posts_unit REFERENCES units (id),
    title TEXT NOT NULL,
    category TEXT,
    level TEXT,
    from_day TEXT NOT NULL,
    until_day TEXT,
    recorded_by TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    ended_by TEXT,
    ended_at BIGINT
);
CREATE INDEX posts_by_person ON posts (person_id, from_day);
CREATE INDEX posts_by_unit ON posts (unit_id, kind);

-- Name, paper, gender or birth date to be put right: with evidence, by a second person. What is wanted is sealed.
CREATE TABLE corrections (
    id TEXT NOT NULL CONSTRAINT corrections_pk PRIMARY KEY,
    person_id TEXT NOT NULL CONSTRAINT corrections_person REFERENCES people (id),
    state TEXT NOT NULL,
    wanted_sealed TEXT NOT NULL,
    fields TEXT NOT NULL,
    reason TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    decided_by TEXT,
    decided_at BIGINT,
    comment TEXT
);
CREATE INDEX corrections_by_person ON corrections (person_id, asked_at);
CREATE UNIQUE INDEX corrections_open ON corrections (person_id) WHERE state = 'submitted';
