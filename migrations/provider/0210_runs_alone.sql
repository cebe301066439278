-- A run that ends is written in the transaction that has just written its session under its version, and sessions are never
-- deleted: asking for the session once more, row by row, took PostgreSQL longer than everything else about a heartbeat.
DROP VIEW credited_intervals;
ALTER TABLE ended_runs RENAME TO former_runs;
CREATE TABLE ended_runs (
    id TEXT NOT NULL CONSTRAINT ended_runs_pk PRIMARY KEY,
    learner_id TEXT NOT NULL,
    lecture_id TEXT NOT NULL,
    round BIGINT NOT NULL,
    session_id TEXT NOT NULL,
    from_ms BIGINT NOT NULL,
    to_ms BIGINT NOT NULL,
    wall_from BIGINT NOT NULL,
    wall_to BIGINT NOT NULL
);
INSERT INTO ended_runs (id, learner_id, lecture_id, round, session_id, from_ms, to_ms, wall_from, wall_to)
    SELECT id, learner_id, lecture_id, round, session_id, from_ms, to_ms, wall_from, wall_to FROM former_runs;
DROP TABLE former_runs;
CREATE INDEX ended_runs_by_lecture ON ended_runs (learner_id, lecture_id, from_ms);

-- Every second credited lies in one of these: positions in milliseconds, and when it was credited.
CREATE VIEW credited_intervals AS
    SELECT id, learner_id, lecture_id, round, session_id, from_ms, to_ms, wall_from, wall_to FROM ended_runs
    UNION ALL
    SELECT id, learner_id, lecture_id, round, id, run_from, run_to, run_wall_from, run_wall_to
    FROM learning_sessions WHERE run_to IS NOT NULL;
