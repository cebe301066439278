-- Completions that were answered "kept": a note for their learner until they count or are refused; the record itself is not
-- stored, so that sending it again is looked at anew. See features/providers/src/store/kept.rs.
CREATE TABLE provider_kept (
    provider_id TEXT NOT NULL CONSTRAINT provider_kept_provider REFERENCES providers (id),
    completion_id TEXT NOT NULL,
    person_id TEXT NOT NULL CONSTRAINT provider_kept_person REFERENCES people (id),
    course TEXT NOT NULL,
    reason TEXT NOT NULL,
    completed_at BIGINT,
    received_at BIGINT NOT NULL,
    CONSTRAINT provider_kept_pk PRIMARY KEY (provider_id, completion_id)
);
CREATE INDEX provider_kept_by_person ON provider_kept (person_id, provider_id);
