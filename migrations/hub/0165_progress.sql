-- How far long work has come, for whoever started it. A row goes when it is a week old.
CREATE TABLE progress (
    id TEXT NOT NULL CONSTRAINT progress_pk PRIMARY KEY,
    owner TEXT NOT NULL,
    kind TEXT NOT NULL,
    done BIGINT NOT NULL,
    total BIGINT NOT NULL,
    state TEXT NOT NULL,
    link TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX progress_by_time ON progress (at);
