-- What people ask customer service, and the answers; the path is the person's at the time of asking.
CREATE TABLE tickets (
    id TEXT NOT NULL CONSTRAINT tickets_pk PRIMARY KEY,
    person_id TEXT NOT NULL CONSTRAINT tickets_person REFERENCES people (id),
    unit_path TEXT NOT NULL,
    category TEXT NOT NULL,
    title TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    answered_at BIGINT,
    closed_at BIGINT
);
CREATE INDEX tickets_by_person ON tickets (person_id, created_at);
CREATE INDEX tickets_by_state ON tickets (state, due_at);

CREATE TABLE ticket_messages (
    id TEXT NOT NULL CONSTRAINT ticket_messages_pk PRIMARY KEY,
    ticket_id TEXT NOT NULL CONSTRAINT ticket_messages_ticket REFERENCES tickets (id),
    by_person TEXT NOT NULL,
    is_service BOOLEAN NOT NULL,
    text TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX ticket_messages_by_ticket ON ticket_messages (ticket_id, at);
