-- A role handed to someone else for the days of a leave. The one who handed it over keeps it.
CREATE TABLE delegations (
    id TEXT NOT NULL CONSTRAINT delegations_pk PRIMARY KEY,
    grant_id TEXT NOT NULL CONSTRAINT delegations_grant REFERENCES role_grants (id),
    from_person TEXT NOT NULL CONSTRAINT delegations_from REFERENCES people (id),
    to_person TEXT NOT NULL CONSTRAINT delegations_to REFERENCES people (id),
    from_day TEXT NOT NULL,
    until_day TEXT NOT NULL,
    reason TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX delegations_by_to ON delegations (to_person, until_day);
CREATE INDEX delegations_by_from ON delegations (from_person, until_day);

-- Every deed also says at which place the role was held, and on behalf of whom it was used.
ALTER TABLE audit_entries ADD COLUMN place TEXT NOT NULL DEFAULT '';
ALTER TABLE audit_entries ADD COLUMN behalf TEXT;
