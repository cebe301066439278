-- Time travel. What a person's row said before each change of a fact that figures rest on: it held until `until`. Written
-- by the database itself (crates/db/src/former.rs), so that no writer can forget it.
CREATE TABLE former_people (
    person_id TEXT NOT NULL CONSTRAINT former_people_person REFERENCES people (id),
    no BIGINT NOT NULL,
    until BIGINT NOT NULL,
    name TEXT NOT NULL,
    unit_id TEXT NOT NULL,
    department_id TEXT,
    gender TEXT,
    birth_date TEXT,
    category TEXT,
    level TEXT,
    establishment TEXT NOT NULL,
    status TEXT NOT NULL,
    retirement TEXT NOT NULL,
    joined_on TEXT,
    id_number_lookup TEXT,
    CONSTRAINT former_people_pk PRIMARY KEY (person_id, no)
);
CREATE INDEX former_people_by_until ON former_people (until);

-- Every make-up that was ever granted; `make_ups` holds the last one of a person's year.
CREATE TABLE make_up_grants (
    id TEXT NOT NULL CONSTRAINT make_up_grants_pk PRIMARY KEY,
    person_id TEXT NOT NULL CONSTRAINT make_up_grants_person REFERENCES people (id),
    year BIGINT NOT NULL,
    until TEXT NOT NULL,
    reason TEXT NOT NULL,
    approved_by TEXT NOT NULL,
    incident_id TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX make_up_grants_by_person ON make_up_grants (person_id, year, created_at);
CREATE INDEX make_up_grants_by_incident ON make_up_grants (incident_id, person_id);
INSERT INTO make_up_grants (id, person_id, year, until, reason, approved_by, created_at)
SELECT id, person_id, year, until, reason, approved_by, created_at FROM make_ups;

-- 干部教育: a leader whom the authority marked as not obliged in a year, with the document's number.
CREATE TABLE obligation_reliefs (
    id TEXT NOT NULL CONSTRAINT obligation_reliefs_pk PRIMARY KEY,
    person_id TEXT NOT NULL CONSTRAINT obligation_reliefs_person REFERENCES people (id),
    year BIGINT NOT NULL,
    document TEXT NOT NULL,
    reason TEXT NOT NULL,
    marked_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    ended_by TEXT,
    ended_at BIGINT
);
CREATE INDEX obligation_reliefs_by_person ON obligation_reliefs (person_id, year);

-- Figures of a unit as of a checkpoint, once made: they never change, so they are kept where making them took long.
CREATE TABLE past_figures (
    checkpoint BIGINT NOT NULL,
    year BIGINT NOT NULL,
    scope TEXT NOT NULL,
    unit_id TEXT NOT NULL,
    people BIGINT NOT NULL,
    done BIGINT NOT NULL,
    under_way BIGINT NOT NULL,
    not_begun BIGINT NOT NULL,
    exempt BIGINT NOT NULL,
    CONSTRAINT past_figures_pk PRIMARY KEY (checkpoint, year, scope, unit_id)
);
