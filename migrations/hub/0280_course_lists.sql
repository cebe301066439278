-- Lists of courses that come in parts, from their first part to their last: what none of them named is taken off then.
CREATE TABLE provider_course_lists (
    provider_id TEXT NOT NULL CONSTRAINT provider_course_lists_provider REFERENCES providers (id),
    list_id TEXT NOT NULL,
    began_at BIGINT NOT NULL,
    CONSTRAINT provider_course_lists_pk PRIMARY KEY (provider_id, list_id)
);
