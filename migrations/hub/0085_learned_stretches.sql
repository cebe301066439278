-- The stretches of the wall clock in which someone learned, as the records say that were counted. What two sources share
-- stands under the first of them only, so no two rows of a person from different sources overlap.
CREATE TABLE learned_stretches (
    person_id TEXT NOT NULL CONSTRAINT learned_stretches_person REFERENCES people (id),
    source TEXT NOT NULL,
    source_key TEXT NOT NULL,
    from_ms BIGINT NOT NULL,
    to_ms BIGINT NOT NULL,
    CONSTRAINT learned_stretches_pk PRIMARY KEY (source_key, from_ms)
);
CREATE INDEX learned_stretches_by_person ON learned_stretches (person_id, from_ms);
