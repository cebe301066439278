-- The records that hold time, and how much of it what they count needs. A record that says when someone learned has its
-- stretches in learned_stretches ('stretches'); one that only says when learning began and ended has none, and needs its
-- time somewhere in between ('span').
CREATE TABLE learned_records (
    source_key TEXT NOT NULL CONSTRAINT learned_records_pk PRIMARY KEY,
    person_id TEXT NOT NULL CONSTRAINT learned_records_person REFERENCES people (id),
    source TEXT NOT NULL,
    kind TEXT NOT NULL,
    from_ms BIGINT NOT NULL,
    to_ms BIGINT NOT NULL,
    need_ms BIGINT NOT NULL
);
CREATE INDEX learned_records_by_person ON learned_records (kind, person_id, from_ms);
INSERT INTO learned_records (source_key, person_id, source, kind, from_ms, to_ms, need_ms)
SELECT source_key, person_id, MIN(source), 'stretches', MIN(from_ms), MAX(to_ms), 0
FROM learned_stretches GROUP BY source_key, person_id;
