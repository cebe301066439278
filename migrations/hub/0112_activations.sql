-- Codes that open an account for the first time, with the ID number's last six: printed on a slip or sent to the contact
-- phone. Only a MAC of the code is kept; each is good once, for fourteen days, and a newer one ends it.
CREATE TABLE activations (
    id TEXT NOT NULL CONSTRAINT activations_pk PRIMARY KEY,
    account_id TEXT NOT NULL CONSTRAINT activations_account REFERENCES accounts (id),
    code_mac TEXT NOT NULL CONSTRAINT activations_code UNIQUE,
    channel TEXT NOT NULL,
    issued_by TEXT NOT NULL,
    issued_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    ended_at BIGINT
);
CREATE INDEX activations_by_account ON activations (account_id, issued_at);
