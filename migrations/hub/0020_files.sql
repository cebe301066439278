-- Uploaded evidence. The bytes lie sealed under the hash of what is kept; `sha256` is that of what was handed in.
CREATE TABLE files (
    id TEXT NOT NULL CONSTRAINT files_pk PRIMARY KEY,
    owner_id TEXT NOT NULL CONSTRAINT files_owner REFERENCES people (id),
    sha256 TEXT NOT NULL,
    kept_sha256 TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT files_once UNIQUE (owner_id, sha256)
);
CREATE INDEX files_by_hash ON files (sha256);
CREATE INDEX files_by_kept_hash ON files (kept_sha256);

-- What cites a file: a claim, an exemption, a leave. Others than the owner may read it only while the link is open.
CREATE TABLE file_links (
    object_id TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    place BIGINT NOT NULL,
    file_id TEXT NOT NULL CONSTRAINT file_links_file REFERENCES files (id),
    person_id TEXT NOT NULL CONSTRAINT file_links_person REFERENCES people (id),
    is_open BIGINT NOT NULL,
    CONSTRAINT file_links_pk PRIMARY KEY (object_id, file_id)
);
CREATE INDEX file_links_by_file ON file_links (file_id);
