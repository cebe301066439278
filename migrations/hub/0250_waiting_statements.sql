-- Statements of the cmi5 profile whose completion could not be counted yet; see features/providers/src/waiting.rs. A
-- statement cannot be sent again, so what a signed completion is told with "kept" is kept here.
CREATE TABLE provider_waiting (
    provider_id TEXT NOT NULL REFERENCES providers (id),
    id TEXT NOT NULL,
    course TEXT NOT NULL,
    reason TEXT NOT NULL,
    announced TEXT NOT NULL,
    since BIGINT NOT NULL,
    CONSTRAINT provider_waiting_pk PRIMARY KEY (provider_id, id)
);
