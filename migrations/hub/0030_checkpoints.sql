-- Daily signed checkpoints over all chains. A leaf is the head that a chain had when it was first seen with it; the state
-- at a checkpoint is each person's last leaf up to it. The bucket is the id's last two digits, which are random.
CREATE TABLE hour_leaves (
    person_id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL,
    bucket TEXT NOT NULL,
    checkpoint BIGINT NOT NULL,
    CONSTRAINT hour_leaves_pk PRIMARY KEY (person_id, seq)
);
CREATE INDEX hour_leaves_by_checkpoint ON hour_leaves (checkpoint, person_id);
CREATE INDEX hour_leaves_by_bucket ON hour_leaves (bucket, person_id, seq);

-- `content` is what was signed; `buckets` are the roots under the root, so that a proof reads one bucket only.
CREATE TABLE hour_checkpoints (
    no BIGINT NOT NULL CONSTRAINT hour_checkpoints_pk PRIMARY KEY,
    day TEXT NOT NULL CONSTRAINT hour_checkpoints_day UNIQUE,
    at BIGINT NOT NULL,
    content TEXT NOT NULL,
    buckets TEXT NOT NULL,
    signature TEXT NOT NULL,
    key_id TEXT NOT NULL
);

-- What runs once a day on any number of nodes: who writes the row first does the work, in the same transaction.
CREATE TABLE daily_runs (
    task TEXT NOT NULL,
    day TEXT NOT NULL,
    at BIGINT NOT NULL,
    result TEXT NOT NULL,
    CONSTRAINT daily_runs_pk PRIMARY KEY (task, day)
);
