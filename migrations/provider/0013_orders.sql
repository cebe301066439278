-- Orders of courses that cost. A learner has one open order: the cart.
CREATE TABLE orders (
    id TEXT NOT NULL CONSTRAINT orders_pk PRIMARY KEY,
    learner_id TEXT NOT NULL CONSTRAINT orders_learner REFERENCES learners (id),
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    paid_at BIGINT,
    buyer TEXT,
    tax_number TEXT,
    invoice_no TEXT
);
CREATE UNIQUE INDEX orders_open ON orders (learner_id) WHERE state = 'open';
CREATE INDEX orders_by_learner ON orders (learner_id, created_at);

-- `round` is the enrolment that the item paid for; `begun_at` is when learning began, after which nothing is refunded.
CREATE TABLE order_items (
    order_id TEXT NOT NULL CONSTRAINT order_items_order REFERENCES orders (id),
    course_id TEXT NOT NULL CONSTRAINT order_items_course REFERENCES courses (id),
    learner_id TEXT NOT NULL,
    title TEXT NOT NULL,
    hours BIGINT NOT NULL,
    fee BIGINT NOT NULL,
    round BIGINT,
    begun_at BIGINT,
    CONSTRAINT order_items_pk PRIMARY KEY (order_id, course_id)
);
CREATE INDEX order_items_by_learner ON order_items (learner_id, course_id);

CREATE TABLE payments (
    id TEXT NOT NULL CONSTRAINT payments_pk PRIMARY KEY,
    order_id TEXT NOT NULL CONSTRAINT payments_order REFERENCES orders (id),
    amount BIGINT NOT NULL,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX payments_by_order ON payments (order_id);

-- Notices of the payment gateway, each taken once.
CREATE TABLE payment_notices (
    id TEXT NOT NULL CONSTRAINT payment_notices_pk PRIMARY KEY,
    payment_id TEXT NOT NULL CONSTRAINT payment_notices_payment REFERENCES payments (id),
    kind TEXT NOT NULL,
    received_at BIGINT NOT NULL
);
