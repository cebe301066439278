-- What a lecture is made of: a film, a document that is read page by page, or a learning package. `detail` is JSON.
ALTER TABLE lectures ADD COLUMN kind TEXT NOT NULL DEFAULT 'film';
ALTER TABLE lectures ADD COLUMN detail TEXT NOT NULL DEFAULT '';

-- `origin` tells courses made here by people from those delivered with the program; `audience` names the categories a
-- course is meant for, none for all; a course that replaces another is its next version.
ALTER TABLE courses ADD COLUMN origin TEXT NOT NULL DEFAULT 'delivered';
ALTER TABLE courses ADD COLUMN audience TEXT NOT NULL DEFAULT '';
ALTER TABLE courses ADD COLUMN replaces TEXT;
ALTER TABLE courses ADD COLUMN replaced_at BIGINT;

-- What a package keeps for a learner: SCORM's data model as JSON, cmi5's documents as they came.
CREATE TABLE package_documents (
    learner_id TEXT NOT NULL CONSTRAINT package_documents_learner REFERENCES learners (id),
    lecture_id TEXT NOT NULL CONSTRAINT package_documents_lecture REFERENCES lectures (id),
    round BIGINT NOT NULL,
    item TEXT NOT NULL,
    name TEXT NOT NULL,
    content_type TEXT NOT NULL,
    body TEXT NOT NULL,
    at BIGINT NOT NULL,
    CONSTRAINT package_documents_pk PRIMARY KEY (learner_id, lecture_id, round, item, name)
);
-- What a package says of its own result; it is shown, the time is accounted by heartbeats like everywhere.
CREATE TABLE package_results (
    learner_id TEXT NOT NULL,
    lecture_id TEXT NOT NULL,
    round BIGINT NOT NULL,
    item TEXT NOT NULL,
    status TEXT NOT NULL,
    score TEXT,
    at BIGINT NOT NULL,
    CONSTRAINT package_results_pk PRIMARY KEY (learner_id, lecture_id, round, item)
);
CREATE TABLE package_statements (
    id TEXT NOT NULL CONSTRAINT package_statements_pk PRIMARY KEY,
    learner_id TEXT NOT NULL,
    lecture_id TEXT NOT NULL,
    round BIGINT NOT NULL,
    body TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX package_statements_by_learner ON package_statements (learner_id, lecture_id, round, at);

-- Courses in the making, and the files they are made from.
CREATE TABLE drafts (
    id TEXT NOT NULL CONSTRAINT drafts_pk PRIMARY KEY,
    title TEXT NOT NULL,
    subject TEXT NOT NULL,
    topic TEXT NOT NULL,
    teacher TEXT NOT NULL,
    audience TEXT NOT NULL,
    is_free BOOLEAN NOT NULL,
    replaces TEXT,
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    course_id TEXT,
    published_at BIGINT
);
CREATE INDEX drafts_by_time ON drafts (made_at);
-- `state`: uploading, waiting, working, ready, failed. `progress` is percent; `problem` a code, `remark` what it names.
CREATE TABLE materials (
    id TEXT NOT NULL CONSTRAINT materials_pk PRIMARY KEY,
    draft_id TEXT NOT NULL CONSTRAINT materials_draft REFERENCES drafts (id),
    place BIGINT NOT NULL,
    title TEXT NOT NULL,
    kind TEXT NOT NULL,
    file_name TEXT NOT NULL,
    size BIGINT NOT NULL,
    received BIGINT NOT NULL,
    minutes BIGINT NOT NULL,
    state TEXT NOT NULL,
    progress BIGINT NOT NULL,
    problem TEXT,
    remark TEXT,
    seconds BIGINT NOT NULL,
    detail TEXT NOT NULL,
    worked_until BIGINT NOT NULL,
    made_at BIGINT NOT NULL
);
CREATE INDEX materials_by_draft ON materials (draft_id, place);
