CREATE TABLE courses (
    id TEXT NOT NULL CONSTRAINT courses_pk PRIMARY KEY,
    place BIGINT NOT NULL,
    title TEXT NOT NULL,
    subject TEXT NOT NULL,
    topic TEXT NOT NULL,
    teacher TEXT NOT NULL,
    price BIGINT NOT NULL,
    free BOOLEAN NOT NULL,
    published_at BIGINT NOT NULL
);
CREATE TABLE lectures (
    id TEXT NOT NULL CONSTRAINT lectures_pk PRIMARY KEY,
    course_id TEXT NOT NULL CONSTRAINT lectures_course REFERENCES courses (id),
    place BIGINT NOT NULL,
    title TEXT NOT NULL,
    seconds BIGINT NOT NULL,
    CONSTRAINT lectures_place UNIQUE (course_id, place)
);
