-- Reports: what the figures said at an instant, kept as it was, so that the same report can be printed again to the byte.
CREATE TABLE stat_reports (
    id TEXT NOT NULL CONSTRAINT stat_reports_pk PRIMARY KEY,
    kind TEXT NOT NULL,
    unit TEXT NOT NULL,
    unit_path TEXT NOT NULL,
    year BIGINT NOT NULL,
    period TEXT NOT NULL,
    content TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    made_by TEXT,
    at BIGINT NOT NULL
);
CREATE INDEX stat_reports_by_unit ON stat_reports (unit_path, id);
-- One monthly report of a unit and month on any number of nodes.
CREATE UNIQUE INDEX stat_reports_once ON stat_reports (unit, period) WHERE kind = 'month';

-- Who gets the monthly report of a unit by mail.
CREATE TABLE report_subscriptions (
    person_id TEXT NOT NULL CONSTRAINT report_subscriptions_person REFERENCES people (id),
    unit TEXT NOT NULL,
    since BIGINT NOT NULL,
    last_sent TEXT NOT NULL,
    CONSTRAINT report_subscriptions_pk PRIMARY KEY (person_id, unit)
);
