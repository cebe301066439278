-- Notices. Every saving is a version that stays; who read which version is kept. `roles` and `categories` are codes
-- between commas, empty for everyone.
CREATE TABLE notices (
    id TEXT NOT NULL CONSTRAINT notices_pk PRIMARY KEY,
    unit_id TEXT NOT NULL CONSTRAINT notices_unit REFERENCES units (id),
    author_id TEXT NOT NULL,
    state TEXT NOT NULL,
    version BIGINT NOT NULL,
    forwards TEXT CONSTRAINT notices_forwards REFERENCES notices (id),
    target_path TEXT NOT NULL,
    roles TEXT NOT NULL,
    categories TEXT NOT NULL,
    unfinished BIGINT,
    created_at BIGINT NOT NULL,
    published_at BIGINT,
    withdrawn_at BIGINT,
    reason TEXT
);
CREATE INDEX notices_by_target ON notices (target_path, id);
CREATE INDEX notices_by_unit ON notices (unit_id, id);

CREATE TABLE notice_versions (
    notice_id TEXT NOT NULL CONSTRAINT notice_versions_notice REFERENCES notices (id),
    version BIGINT NOT NULL,
    document_no TEXT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    valid_from TEXT NOT NULL,
    valid_until TEXT,
    topics_of BIGINT,
    contact_name TEXT NOT NULL,
    contact_phone TEXT NOT NULL,
    saved_by TEXT NOT NULL,
    saved_at BIGINT NOT NULL,
    CONSTRAINT notice_versions_pk PRIMARY KEY (notice_id, version)
);

-- The table of trainings and fees that a version carries (notice 三.3).
CREATE TABLE notice_rows (
    notice_id TEXT NOT NULL,
    version BIGINT NOT NULL,
    place BIGINT NOT NULL,
    title TEXT NOT NULL,
    from_day TEXT,
    to_day TEXT,
    hours BIGINT,
    offset_hours BIGINT,
    fee TEXT NOT NULL,
    remark TEXT NOT NULL,
    CONSTRAINT notice_rows_pk PRIMARY KEY (notice_id, version, place),
    CONSTRAINT notice_rows_version FOREIGN KEY (notice_id, version) REFERENCES notice_versions (notice_id, version)
);

CREATE TABLE notice_reads (
    notice_id TEXT NOT NULL CONSTRAINT notice_reads_notice REFERENCES notices (id),
    person_id TEXT NOT NULL CONSTRAINT notice_reads_person REFERENCES people (id),
    version BIGINT NOT NULL,
    at BIGINT NOT NULL,
    CONSTRAINT notice_reads_pk PRIMARY KEY (notice_id, person_id)
);
