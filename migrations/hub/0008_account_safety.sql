-- From where a deed came, and in which role it was done.
ALTER TABLE audit_entries ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE audit_entries ADD COLUMN role TEXT;
CREATE INDEX audit_entries_by_actor ON audit_entries (actor, seq);
CREATE INDEX audit_entries_by_object ON audit_entries (object, seq);
CREATE INDEX audit_entries_by_action ON audit_entries (action, seq);

-- A code belongs to a challenge: a session, a reset, or a sign-in. Codes of strangers have no account.
DROP TABLE sms_codes;
CREATE TABLE sms_codes (
    id TEXT NOT NULL CONSTRAINT sms_codes_pk PRIMARY KEY,
    purpose TEXT NOT NULL,
    account_id TEXT CONSTRAINT sms_codes_account REFERENCES accounts (id),
    challenge TEXT NOT NULL,
    phone_lookup TEXT NOT NULL,
    network TEXT NOT NULL,
    code_mac TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT,
    accepted_at BIGINT
);
CREATE INDEX sms_codes_by_phone ON sms_codes (phone_lookup, created_at);
CREATE INDEX sms_codes_by_account ON sms_codes (account_id, created_at);
CREATE INDEX sms_codes_by_challenge ON sms_codes (challenge, purpose);
CREATE INDEX sms_codes_by_network ON sms_codes (network, created_at);

-- 忘记密码: one row for every request, known account or not, so that both go the same way.
CREATE TABLE password_resets (
    id TEXT NOT NULL CONSTRAINT password_resets_pk PRIMARY KEY,
    guard_key TEXT NOT NULL,
    account_id TEXT CONSTRAINT password_resets_account REFERENCES accounts (id),
    phone_lookup TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    ended_at BIGINT
);

-- Attempts by network, for the limits of security 3.4; kept for a day.
CREATE TABLE network_attempts (
    network TEXT NOT NULL,
    guard_key TEXT NOT NULL,
    is_right BOOLEAN NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX network_attempts_by_network ON network_attempts (network, at);

-- Solved proof-of-work puzzles, each good once.
CREATE TABLE spent_captchas (
    lookup TEXT NOT NULL CONSTRAINT spent_captchas_pk PRIMARY KEY,
    expires_at BIGINT NOT NULL
);

ALTER TABLE sessions ADD COLUMN network TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN agent TEXT NOT NULL DEFAULT '';
-- When the password was last entered in this session; weighty changes want it fresh.
ALTER TABLE sessions ADD COLUMN password_at BIGINT;

-- When the phone was last confirmed to be the person's; numbers are recycled.
ALTER TABLE accounts ADD COLUMN phone_confirmed_at BIGINT;
ALTER TABLE accounts ADD COLUMN totp_sealed TEXT;
ALTER TABLE accounts ADD COLUMN totp_last_step BIGINT;

-- Short messages without a code: what was told to whom, for the desk and for the limits of one a day.
CREATE TABLE notices_sent (
    id TEXT NOT NULL CONSTRAINT notices_sent_pk PRIMARY KEY,
    account_id TEXT NOT NULL CONSTRAINT notices_sent_account REFERENCES accounts (id),
    kind TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX notices_sent_by_account ON notices_sent (account_id, kind, at);

-- Customer service's checks of who is calling: what was compared, with which result, never the values.
CREATE TABLE identity_checks (
    id TEXT NOT NULL CONSTRAINT identity_checks_pk PRIMARY KEY,
    person_id TEXT NOT NULL CONSTRAINT identity_checks_person REFERENCES people (id),
    agent_id TEXT NOT NULL,
    compared TEXT NOT NULL,
    proof TEXT NOT NULL,
    note TEXT NOT NULL,
    is_passed BOOLEAN NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX identity_checks_by_person ON identity_checks (person_id, at);
