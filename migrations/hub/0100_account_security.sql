-- The role that a session acts in, chosen in the page header; none: every role held.
ALTER TABLE sessions ADD COLUMN acting_grant TEXT;

-- Someone without a mobile phone: approved in person, a second factor stands in for the phone.
ALTER TABLE accounts ADD COLUMN phone_waived_at BIGINT;
ALTER TABLE accounts ADD COLUMN phone_waived_by TEXT;

-- Which version of the privacy notice the person has read, and when.
ALTER TABLE accounts ADD COLUMN privacy_version TEXT;
ALTER TABLE accounts ADD COLUMN privacy_read_at BIGINT;

-- Passkeys: the id is the authenticator's, the key its public one.
CREATE TABLE passkeys (
    id TEXT NOT NULL CONSTRAINT passkeys_pk PRIMARY KEY,
    account_id TEXT NOT NULL CONSTRAINT passkeys_account REFERENCES accounts (id),
    label TEXT NOT NULL,
    algorithm BIGINT NOT NULL,
    public_key TEXT NOT NULL,
    sign_count BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT
);
CREATE INDEX passkeys_by_account ON passkeys (account_id);

-- A phone that a second account was bound to waits for its first owner and for the administrator.
CREATE TABLE phone_shares (
    id TEXT NOT NULL CONSTRAINT phone_shares_pk PRIMARY KEY,
    phone_lookup TEXT NOT NULL,
    first_account TEXT NOT NULL CONSTRAINT phone_shares_first REFERENCES accounts (id),
    second_account TEXT NOT NULL CONSTRAINT phone_shares_second REFERENCES accounts (id),
    asked_at BIGINT NOT NULL,
    agreed_at BIGINT,
    approved_at BIGINT,
    approved_by TEXT,
    ended_at BIGINT,
    end_reason TEXT
);
CREATE INDEX phone_shares_by_first ON phone_shares (first_account, ended_at);
CREATE INDEX phone_shares_by_second ON phone_shares (second_account, ended_at);
