-- Documents that checkpoints vouch for beside the chains: the SHA-256 of what each says, put down when it is made.
CREATE TABLE hour_documents (
    digest TEXT NOT NULL CONSTRAINT hour_documents_pk PRIMARY KEY,
    at BIGINT NOT NULL
);

-- Their places under a checkpoint: the leaves of a Merkle tree, in runs of 256 so that a proof reads one run only.
CREATE TABLE hour_document_leaves (
    checkpoint BIGINT NOT NULL,
    place BIGINT NOT NULL,
    run BIGINT NOT NULL,
    digest TEXT NOT NULL CONSTRAINT hour_document_leaves_digest UNIQUE,
    CONSTRAINT hour_document_leaves_pk PRIMARY KEY (checkpoint, place)
);
CREATE INDEX hour_document_leaves_by_run ON hour_document_leaves (checkpoint, run, place);

-- The roots of the runs, as hex after one another; empty where a checkpoint holds no documents.
ALTER TABLE hour_checkpoints ADD COLUMN document_runs TEXT NOT NULL DEFAULT '';
