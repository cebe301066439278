-- What a session is credited last grows in the session's own row for as long as it goes on without a break; what has ended
-- stands in a row of its own. So an hour of learning is one row and not 240, and a heartbeat writes one row and not two.
ALTER TABLE credited_intervals RENAME TO ended_runs;
ALTER TABLE learning_sessions ADD COLUMN run_from BIGINT;
ALTER TABLE learning_sessions ADD COLUMN run_to BIGINT;
ALTER TABLE learning_sessions ADD COLUMN run_wall_from BIGINT;
ALTER TABLE learning_sessions ADD COLUMN run_wall_to BIGINT;

-- Every second credited lies in one of these: positions in milliseconds, and when it was credited.
CREATE VIEW credited_intervals AS
    SELECT id, learner_id, lecture_id, round, session_id, from_ms, to_ms, wall_from, wall_to FROM ended_runs
    UNION ALL
    SELECT id, learner_id, lecture_id, round, id, run_from, run_to, run_wall_from, run_wall_to
    FROM learning_sessions WHERE run_to IS NOT NULL;
