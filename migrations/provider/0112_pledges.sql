-- When the learner confirmed a completed course with the pledge of honesty.
ALTER TABLE course_completions ADD COLUMN confirmed_at BIGINT;
-- Group orders: a unit's person pays for chosen colleagues with one invoice; an item says for whom it is.
ALTER TABLE orders ADD COLUMN is_group BOOLEAN NOT NULL DEFAULT FALSE;
CREATE TABLE order_seats (
    order_id TEXT NOT NULL CONSTRAINT order_seats_order REFERENCES orders (id),
    course_id TEXT NOT NULL CONSTRAINT order_seats_course REFERENCES courses (id),
    code_hash TEXT NOT NULL,
    place BIGINT NOT NULL,
    name TEXT NOT NULL,
    learner_id TEXT,
    taken_at BIGINT,
    round BIGINT,
    begun_at BIGINT,
    CONSTRAINT order_seats_pk PRIMARY KEY (code_hash, course_id)
);
CREATE INDEX order_seats_by_order ON order_seats (order_id);
CREATE INDEX order_seats_by_learner ON order_seats (learner_id, course_id);
