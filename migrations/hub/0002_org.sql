CREATE TABLE units (
    id TEXT NOT NULL CONSTRAINT units_pk PRIMARY KEY,
    code TEXT NOT NULL CONSTRAINT units_code UNIQUE,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    parent_id TEXT CONSTRAINT units_parent REFERENCES units (id),
    path TEXT NOT NULL CONSTRAINT units_path UNIQUE,
    created_at BIGINT NOT NULL
);
CREATE INDEX units_by_parent ON units (parent_id, code);

-- ID numbers and contact telephones are sealed; the lookup is a keyed blind index.
CREATE TABLE people (
    id TEXT NOT NULL CONSTRAINT people_pk PRIMARY KEY,
    unit_id TEXT NOT NULL CONSTRAINT people_unit REFERENCES units (id),
    department_id TEXT CONSTRAINT people_department REFERENCES units (id),
    name TEXT NOT NULL,
    id_number_sealed TEXT,
    id_number_lookup TEXT CONSTRAINT people_id_number UNIQUE,
    id_number_masked TEXT,
    gender TEXT,
    birth_date TEXT,
    category TEXT,
    level TEXT,
    establishment TEXT NOT NULL,
    status TEXT NOT NULL,
    retirement TEXT NOT NULL,
    joined_on TEXT,
    contact_phone_sealed TEXT,
    profile_confirmed_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX people_by_unit ON people (unit_id, id);
CREATE INDEX people_by_department ON people (department_id, id);

-- A roster that was read and shown, waiting for its confirmation; sealed, gone when confirmed or after an hour.
CREATE TABLE roster_drafts (
    id TEXT NOT NULL CONSTRAINT roster_drafts_pk PRIMARY KEY,
    unit_id TEXT NOT NULL CONSTRAINT roster_drafts_unit REFERENCES units (id),
    by_person TEXT NOT NULL,
    file_sealed TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
