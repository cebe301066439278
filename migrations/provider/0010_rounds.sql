-- A course may be taken again in a later year: enrolments, coverage and completions belong to one round of a learner.
CREATE TABLE enrolments (
    learner_id TEXT NOT NULL CONSTRAINT enrolments_learner REFERENCES learners (id),
    course_id TEXT NOT NULL CONSTRAINT enrolments_course REFERENCES courses (id),
    round BIGINT NOT NULL,
    at BIGINT NOT NULL,
    fee BIGINT NOT NULL,
    CONSTRAINT enrolments_pk PRIMARY KEY (learner_id, course_id, round)
);
INSERT INTO enrolments (learner_id, course_id, round, at, fee)
    SELECT learner_id, course_id, 1, at, 0 FROM enrollments;
DROP TABLE enrollments;

CREATE TABLE completed_lectures (
    learner_id TEXT NOT NULL,
    lecture_id TEXT NOT NULL,
    round BIGINT NOT NULL,
    at BIGINT NOT NULL,
    CONSTRAINT completed_lectures_pk PRIMARY KEY (learner_id, lecture_id, round)
);
INSERT INTO completed_lectures (learner_id, lecture_id, round, at)
    SELECT learner_id, lecture_id, 1, completed_at FROM positions WHERE completed_at IS NOT NULL;

-- `version` goes up with every change of a session, so that of two programs only one writes what it judged.
ALTER TABLE learning_sessions ADD COLUMN round BIGINT NOT NULL DEFAULT 1;
ALTER TABLE learning_sessions ADD COLUMN version BIGINT NOT NULL DEFAULT 0;
ALTER TABLE learning_sessions ADD COLUMN position_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE learning_sessions ADD COLUMN touched_at BIGINT NOT NULL DEFAULT 0;
UPDATE learning_sessions SET touched_at = opened_at, position_ms = COALESCE((SELECT p.position_ms FROM positions p
    WHERE p.learner_id = learning_sessions.learner_id AND p.lecture_id = learning_sessions.lecture_id), 0);
DROP TABLE positions;

ALTER TABLE credited_intervals ADD COLUMN round BIGINT NOT NULL DEFAULT 1;
ALTER TABLE course_completions ADD COLUMN round BIGINT NOT NULL DEFAULT 1;

-- Learners who began finish a withdrawn course within 30 days.
ALTER TABLE courses ADD COLUMN withdrawn_at BIGINT;
