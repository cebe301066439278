-- Courses that are announced while their films are being made.
CREATE TABLE coming_courses (
    id TEXT NOT NULL CONSTRAINT coming_courses_pk PRIMARY KEY,
    place BIGINT NOT NULL,
    title TEXT NOT NULL,
    lectures BIGINT NOT NULL,
    made BIGINT NOT NULL
);
