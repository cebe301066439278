-- Learners as the management platform names them to this provider: a subject id and a name to greet.
CREATE TABLE learners (
    id TEXT NOT NULL CONSTRAINT learners_pk PRIMARY KEY,
    subject_id TEXT NOT NULL CONSTRAINT learners_subject UNIQUE,
    name TEXT NOT NULL,
    seen_at BIGINT NOT NULL
);
CREATE TABLE visits (
    id TEXT NOT NULL CONSTRAINT visits_pk PRIMARY KEY,
    token_hash TEXT NOT NULL CONSTRAINT visits_token UNIQUE,
    learner_id TEXT NOT NULL CONSTRAINT visits_learner REFERENCES learners (id),
    created_at BIGINT NOT NULL,
    last_operation_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE TABLE enrollments (
    learner_id TEXT NOT NULL CONSTRAINT enrollments_learner REFERENCES learners (id),
    course_id TEXT NOT NULL CONSTRAINT enrollments_course REFERENCES courses (id),
    at BIGINT NOT NULL,
    CONSTRAINT enrollments_pk PRIMARY KEY (learner_id, course_id)
);
-- One lecture on one device; `state` is the accounting state of the rules, as JSON. `last_check` is the number of the
-- attention check answered last, so that an answer sent again is answered again.
CREATE TABLE learning_sessions (
    id TEXT NOT NULL CONSTRAINT learning_sessions_pk PRIMARY KEY,
    learner_id TEXT NOT NULL CONSTRAINT learning_sessions_learner REFERENCES learners (id),
    lecture_id TEXT NOT NULL CONSTRAINT learning_sessions_lecture REFERENCES lectures (id),
    state TEXT NOT NULL,
    last_seq BIGINT NOT NULL,
    last_answer TEXT,
    last_check BIGINT NOT NULL,
    opened_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX learning_sessions_by_learner ON learning_sessions (learner_id, opened_at);
CREATE INDEX learning_sessions_by_lecture ON learning_sessions (learner_id, lecture_id);

-- Every second credited lies in one of these: positions in milliseconds, and when it was credited.
CREATE TABLE credited_intervals (
    id TEXT NOT NULL CONSTRAINT credited_intervals_pk PRIMARY KEY,
    learner_id TEXT NOT NULL,
    lecture_id TEXT NOT NULL,
    session_id TEXT NOT NULL CONSTRAINT credited_intervals_session REFERENCES learning_sessions (id),
    from_ms BIGINT NOT NULL,
    to_ms BIGINT NOT NULL,
    wall_from BIGINT NOT NULL,
    wall_to BIGINT NOT NULL
);
CREATE INDEX credited_intervals_by_lecture ON credited_intervals (learner_id, lecture_id, from_ms);

CREATE TABLE positions (
    learner_id TEXT NOT NULL,
    lecture_id TEXT NOT NULL,
    position_ms BIGINT NOT NULL,
    completed_at BIGINT,
    at BIGINT NOT NULL,
    CONSTRAINT positions_pk PRIMARY KEY (learner_id, lecture_id)
);

-- Courses completed, and what the management platform answered.
CREATE TABLE course_completions (
    id TEXT NOT NULL CONSTRAINT course_completions_pk PRIMARY KEY,
    learner_id TEXT NOT NULL CONSTRAINT course_completions_learner REFERENCES learners (id),
    course_id TEXT NOT NULL CONSTRAINT course_completions_course REFERENCES courses (id),
    year BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    completed_at BIGINT NOT NULL,
    status TEXT NOT NULL,
    reason TEXT,
    answered_at BIGINT,
    CONSTRAINT course_completions_once UNIQUE (learner_id, course_id, year)
);
CREATE INDEX course_completions_by_status ON course_completions (status, completed_at);
