-- Maintained figures: every unit carries the sums of everyone below it, by one thing at a time (`dim` and `key`). `people`
-- and the four states count who is obliged; `entries` and `hours` (hundredths) are recognised learning, reversals taken off.
-- Written by differences in the transaction that assesses a person anew; `xueshi stats verify` compares all of it.
CREATE TABLE figures (
    year BIGINT NOT NULL,
    unit TEXT NOT NULL,
    dim TEXT NOT NULL,
    key TEXT NOT NULL,
    people BIGINT NOT NULL,
    done BIGINT NOT NULL,
    under_way BIGINT NOT NULL,
    not_begun BIGINT NOT NULL,
    exempt BIGINT NOT NULL,
    entries BIGINT NOT NULL,
    hours BIGINT NOT NULL,
    CONSTRAINT figures_pk PRIMARY KEY (year, unit, dim, key)
);
CREATE INDEX figures_by_dim ON figures (year, dim, unit);

-- What of each person stands in the figures, so that exactly that is taken off before the new is added. An empty state:
-- counted nowhere.
CREATE TABLE figure_members (
    year BIGINT NOT NULL,
    person_id TEXT NOT NULL CONSTRAINT figure_members_person REFERENCES people (id),
    path TEXT NOT NULL,
    own TEXT NOT NULL,
    category TEXT NOT NULL,
    level TEXT NOT NULL,
    state TEXT NOT NULL,
    seq BIGINT NOT NULL,
    counted TEXT NOT NULL,
    CONSTRAINT figure_members_pk PRIMARY KEY (year, person_id)
);
CREATE INDEX figure_members_by_path ON figure_members (year, path, person_id);
CREATE INDEX figure_members_by_state ON figure_members (year, state, path, person_id);

-- Which years have figures, and since when they are whole.
CREATE TABLE figure_years (
    year BIGINT NOT NULL CONSTRAINT figure_years_pk PRIMARY KEY,
    built_at BIGINT NOT NULL
);
