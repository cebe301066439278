-- Launches of cmi5 units whose token was fetched (cmi5 8.2: once). `terminated_at` is when the unit said that it ended, `ended_at`
-- the instant that it gave for it.
CREATE TABLE unit_sessions (
    id TEXT NOT NULL CONSTRAINT unit_sessions_pk PRIMARY KEY,
    learner_id TEXT NOT NULL CONSTRAINT unit_sessions_learner REFERENCES learners (id),
    lecture_id TEXT NOT NULL CONSTRAINT unit_sessions_lecture REFERENCES lectures (id),
    round BIGINT NOT NULL,
    item TEXT NOT NULL,
    fetched_at BIGINT NOT NULL,
    terminated_at BIGINT,
    ended_at BIGINT
);
CREATE INDEX unit_sessions_by_learner ON unit_sessions (learner_id, lecture_id, round);
