-- Which session at the management platform a visit belongs to, so that it can be ended from there.
ALTER TABLE visits ADD COLUMN sid TEXT;
CREATE INDEX visits_by_learner ON visits (learner_id, created_at);
-- Logout tokens that were obeyed; each counts once.
CREATE TABLE logout_tokens (
    jti TEXT NOT NULL CONSTRAINT logout_tokens_pk PRIMARY KEY,
    at BIGINT NOT NULL
);
CREATE INDEX logout_tokens_by_time ON logout_tokens (at);
