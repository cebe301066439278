-- How many questions a quiz paper has; 0 where the course has no quiz.
ALTER TABLE courses ADD COLUMN paper_size BIGINT NOT NULL DEFAULT 0;

-- A course's own questions: for attention checks and for papers. `wrong` is a JSON list of the other options.
CREATE TABLE questions (
    id TEXT NOT NULL CONSTRAINT questions_pk PRIMARY KEY,
    course_id TEXT NOT NULL CONSTRAINT questions_course REFERENCES courses (id),
    place BIGINT NOT NULL,
    prompt TEXT NOT NULL,
    correct TEXT NOT NULL,
    wrong TEXT NOT NULL
);
CREATE INDEX questions_by_course ON questions (course_id, place);

-- One random paper; `questions` is a JSON list of question ids with the options in the order shown.
CREATE TABLE quiz_papers (
    id TEXT NOT NULL CONSTRAINT quiz_papers_pk PRIMARY KEY,
    learner_id TEXT NOT NULL CONSTRAINT quiz_papers_learner REFERENCES learners (id),
    course_id TEXT NOT NULL CONSTRAINT quiz_papers_course REFERENCES courses (id),
    round BIGINT NOT NULL,
    questions TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    answered_at BIGINT,
    answers TEXT,
    score BIGINT,
    passed BOOLEAN
);
CREATE INDEX quiz_papers_by_learner ON quiz_papers (learner_id, course_id, round);
