-- Where everyone stood when supervision was counted last: the lists behind its numbers, led to by an index in the order of
-- places. Kept for very many people; of few everything is looked up at each asking.
CREATE TABLE supervision_members (
    year BIGINT NOT NULL,
    person_id TEXT NOT NULL,
    path TEXT NOT NULL,
    problem TEXT NOT NULL,
    outlook TEXT NOT NULL,
    CONSTRAINT supervision_members_pk PRIMARY KEY (year, person_id),
    CONSTRAINT supervision_members_person FOREIGN KEY (person_id) REFERENCES people (id)
);
CREATE INDEX supervision_members_by_problem ON supervision_members (year, problem, path, person_id);
CREATE INDEX supervision_members_by_outlook ON supervision_members (year, outlook, path, person_id);
