-- Messages inside the application. `once` names what is said once only.
CREATE TABLE messages (
    id TEXT NOT NULL CONSTRAINT messages_pk PRIMARY KEY,
    person_id TEXT NOT NULL CONSTRAINT messages_person REFERENCES people (id),
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    link TEXT NOT NULL,
    at BIGINT NOT NULL,
    once TEXT CONSTRAINT messages_once UNIQUE,
    read_at BIGINT
);
CREATE INDEX messages_by_person ON messages (person_id, id);
CREATE INDEX messages_unread ON messages (person_id) WHERE read_at IS NULL;
