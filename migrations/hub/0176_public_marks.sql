-- Public courses that name none of the year's topics and count as public all the same, because the authority said so.
CREATE TABLE public_course_marks (
    course_id TEXT NOT NULL CONSTRAINT public_course_marks_course REFERENCES provider_courses (id),
    year BIGINT NOT NULL,
    reason TEXT NOT NULL,
    marked_by TEXT NOT NULL,
    at BIGINT NOT NULL,
    CONSTRAINT public_course_marks_pk PRIMARY KEY (course_id, year)
);
