-- Large batches of certificates, printed in the background: who asked for what, how far it is, and the file until it is taken away.
CREATE TABLE certificate_batches (
    id TEXT NOT NULL CONSTRAINT certificate_batches_pk PRIMARY KEY,
    asked_by TEXT NOT NULL,
    scope TEXT NOT NULL,
    year BIGINT NOT NULL,
    form TEXT NOT NULL,
    state TEXT NOT NULL,
    total BIGINT NOT NULL,
    done BIGINT NOT NULL,
    asked_at BIGINT NOT NULL,
    started_at BIGINT,
    ended_at BIGINT
);
CREATE INDEX certificate_batches_by_person ON certificate_batches (asked_by, asked_at);
