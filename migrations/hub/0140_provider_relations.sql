-- What the management platform and a course provider are to each other: standing, people, quotas, the line between them.
-- A provider that was registered on the command line is live at once.
ALTER TABLE providers ADD COLUMN standing TEXT NOT NULL DEFAULT 'live';
ALTER TABLE providers ADD COLUMN standing_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE providers ADD COLUMN standing_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE providers ADD COLUMN credit_code TEXT NOT NULL DEFAULT '';
ALTER TABLE providers ADD COLUMN contact TEXT NOT NULL DEFAULT '';
-- Quotas; none is unlimited.
ALTER TABLE providers ADD COLUMN requests_a_minute BIGINT;
ALTER TABLE providers ADD COLUMN completions_a_day BIGINT;
ALTER TABLE record_tenants ADD COLUMN requests_a_minute BIGINT;

-- Who looks after a provider here; role `provider`.
CREATE TABLE provider_operators (
    provider_id TEXT NOT NULL CONSTRAINT provider_operators_provider REFERENCES providers (id),
    person_id TEXT NOT NULL CONSTRAINT provider_operators_person REFERENCES people (id),
    since BIGINT NOT NULL,
    CONSTRAINT provider_operators_pk PRIMARY KEY (provider_id, person_id)
);
CREATE INDEX provider_operators_by_person ON provider_operators (person_id);
-- What was used of a quota: in a minute (`m` and its number since 1970) or on a day (`d` and the date).
CREATE TABLE provider_usage (
    provider_id TEXT NOT NULL CONSTRAINT provider_usage_provider REFERENCES providers (id),
    span TEXT NOT NULL,
    used BIGINT NOT NULL,
    at BIGINT NOT NULL,
    CONSTRAINT provider_usage_pk PRIMARY KEY (provider_id, span)
);
CREATE INDEX provider_usage_by_time ON provider_usage (at);
-- How calls to a provider went: after failures in a row none is made until `rests_until`.
CREATE TABLE provider_lines (
    provider_id TEXT NOT NULL CONSTRAINT provider_lines_pk PRIMARY KEY,
    failures BIGINT NOT NULL,
    rests_until BIGINT NOT NULL,
    last_error TEXT NOT NULL,
    failed_at BIGINT,
    answered_at BIGINT
);
-- What a provider has shown of its side of the interfaces, last; a step of the self-check.
CREATE TABLE provider_signs (
    provider_id TEXT NOT NULL CONSTRAINT provider_signs_provider REFERENCES providers (id),
    step TEXT NOT NULL,
    holds BOOLEAN NOT NULL,
    detail TEXT NOT NULL,
    at BIGINT NOT NULL,
    CONSTRAINT provider_signs_pk PRIMARY KEY (provider_id, step)
);
-- Passes of the conformance check, signed.
CREATE TABLE provider_passes (
    id TEXT NOT NULL CONSTRAINT provider_passes_pk PRIMARY KEY,
    provider_id TEXT NOT NULL CONSTRAINT provider_passes_provider REFERENCES providers (id),
    document TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX provider_passes_by_provider ON provider_passes (provider_id, at);

-- Which course a provider's course is the same as: the code of a canonical one; empty is itself.
ALTER TABLE provider_courses ADD COLUMN teacher TEXT NOT NULL DEFAULT '';
ALTER TABLE provider_courses ADD COLUMN canonical TEXT NOT NULL DEFAULT '';
CREATE INDEX provider_courses_by_canonical ON provider_courses (canonical);
-- Pairs of courses that were judged to be different; the lower id first.
CREATE TABLE course_differences (
    one TEXT NOT NULL,
    other TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    at BIGINT NOT NULL,
    CONSTRAINT course_differences_pk PRIMARY KEY (one, other)
);

-- Facts of a completion beside its body, for accounts and service levels. Milliseconds, minutes, fen, hundredths of hours.
ALTER TABLE completions ADD COLUMN completed_at BIGINT;
ALTER TABLE completions ADD COLUMN minutes BIGINT;
ALTER TABLE completions ADD COLUMN fee BIGINT;
ALTER TABLE completions ADD COLUMN hours BIGINT;
CREATE INDEX completions_by_completion ON completions (provider_id, completed_at);
CREATE INDEX completions_by_receipt ON completions (provider_id, received_at);

-- A month's statement of account as a provider sent it, and each record of either side with what differs.
CREATE TABLE provider_accounts (
    provider_id TEXT NOT NULL CONSTRAINT provider_accounts_provider REFERENCES providers (id),
    month TEXT NOT NULL,
    their_records BIGINT NOT NULL,
    their_hours BIGINT NOT NULL,
    their_fees BIGINT NOT NULL,
    our_records BIGINT NOT NULL,
    our_hours BIGINT NOT NULL,
    our_fees BIGINT NOT NULL,
    differing BIGINT NOT NULL,
    at BIGINT NOT NULL,
    CONSTRAINT provider_accounts_pk PRIMARY KEY (provider_id, month)
);
CREATE TABLE provider_account_differences (
    provider_id TEXT NOT NULL CONSTRAINT provider_account_differences_provider REFERENCES providers (id),
    month TEXT NOT NULL,
    completion_id TEXT NOT NULL,
    difference TEXT NOT NULL,
    theirs TEXT NOT NULL,
    ours TEXT NOT NULL,
    CONSTRAINT provider_account_differences_pk PRIMARY KEY (provider_id, month, completion_id, difference)
);

-- What a provider says that a person learned there, as last asked.
CREATE TABLE provider_learned (
    provider_id TEXT NOT NULL CONSTRAINT provider_learned_provider REFERENCES providers (id),
    person_id TEXT NOT NULL CONSTRAINT provider_learned_person REFERENCES people (id),
    completion_id TEXT NOT NULL,
    course TEXT NOT NULL,
    title TEXT NOT NULL,
    percent BIGINT NOT NULL,
    completed_at BIGINT,
    sent_at BIGINT,
    status TEXT NOT NULL,
    reason TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    CONSTRAINT provider_learned_pk PRIMARY KEY (provider_id, person_id, completion_id)
);
CREATE INDEX provider_learned_by_person ON provider_learned (person_id);
-- When a person asked why a record is missing; `closed_at` when everything learned there was answered.
CREATE TABLE provider_disputes (
    provider_id TEXT NOT NULL CONSTRAINT provider_disputes_provider REFERENCES providers (id),
    person_id TEXT NOT NULL CONSTRAINT provider_disputes_person REFERENCES people (id),
    opened_at BIGINT NOT NULL,
    closed_at BIGINT,
    CONSTRAINT provider_disputes_pk PRIMARY KEY (provider_id, person_id, opened_at)
);
