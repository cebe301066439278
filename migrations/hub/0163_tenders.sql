-- Tenders of course platforms (公开招标): which platforms serve a year, and on what paper that was decided. Notices cite them.
CREATE TABLE tenders (
    id TEXT NOT NULL CONSTRAINT tenders_pk PRIMARY KEY,
    unit_id TEXT NOT NULL CONSTRAINT tenders_unit REFERENCES units (id),
    year BIGINT NOT NULL,
    title TEXT NOT NULL,
    document_no TEXT NOT NULL,
    decided_on TEXT,
    serves_from TEXT,
    serves_until TEXT,
    note TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL
);
CREATE INDEX tenders_by_year ON tenders (year, id);

CREATE TABLE tender_winners (
    tender_id TEXT NOT NULL CONSTRAINT tender_winners_tender REFERENCES tenders (id),
    place BIGINT NOT NULL,
    name TEXT NOT NULL,
    site_url TEXT NOT NULL,
    telephone TEXT NOT NULL,
    CONSTRAINT tender_winners_pk PRIMARY KEY (tender_id, place)
);

ALTER TABLE notice_versions ADD COLUMN tender_id TEXT CONSTRAINT notice_versions_tender REFERENCES tenders (id);
-- By which ways beside the inbox the version is told.
ALTER TABLE notice_versions ADD COLUMN by_sms BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE notice_versions ADD COLUMN by_mail BOOLEAN NOT NULL DEFAULT FALSE;
