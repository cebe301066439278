CREATE TABLE accounts (
    id TEXT NOT NULL CONSTRAINT accounts_pk PRIMARY KEY,
    person_id TEXT NOT NULL CONSTRAINT accounts_person UNIQUE REFERENCES people (id),
    name TEXT NOT NULL CONSTRAINT accounts_name UNIQUE,
    password_hash TEXT,
    password_state TEXT NOT NULL,
    password_set_at BIGINT,
    one_time_until BIGINT,
    phone_sealed TEXT,
    phone_bound_at BIGINT,
    disabled_at BIGINT,
    created_at BIGINT NOT NULL
);

-- What a person may type as account: kind is account, id_number or phone; the lookup is a keyed blind index.
CREATE TABLE identifiers (
    kind TEXT NOT NULL,
    lookup TEXT NOT NULL,
    account_id TEXT NOT NULL CONSTRAINT identifiers_account REFERENCES accounts (id),
    CONSTRAINT identifiers_pk PRIMARY KEY (lookup, kind, account_id)
);
CREATE INDEX identifiers_by_account ON identifiers (account_id, kind);

CREATE TABLE old_passwords (
    account_id TEXT NOT NULL CONSTRAINT old_passwords_account REFERENCES accounts (id),
    hash TEXT NOT NULL,
    at BIGINT NOT NULL,
    CONSTRAINT old_passwords_pk PRIMARY KEY (account_id, at)
);

CREATE TABLE role_grants (
    id TEXT NOT NULL CONSTRAINT role_grants_pk PRIMARY KEY,
    person_id TEXT NOT NULL CONSTRAINT role_grants_person REFERENCES people (id),
    role TEXT NOT NULL,
    unit_id TEXT NOT NULL CONSTRAINT role_grants_unit REFERENCES units (id),
    granted_by TEXT,
    granted_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX role_grants_by_person ON role_grants (person_id);

CREATE TABLE sessions (
    id TEXT NOT NULL CONSTRAINT sessions_pk PRIMARY KEY,
    token_hash TEXT NOT NULL CONSTRAINT sessions_token UNIQUE,
    account_id TEXT NOT NULL CONSTRAINT sessions_account REFERENCES accounts (id),
    via TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_operation_at BIGINT NOT NULL,
    forced_step BOOLEAN NOT NULL,
    ended_at BIGINT,
    end_reason TEXT
);
CREATE INDEX sessions_by_account ON sessions (account_id, created_at);

-- One guard per account (or per unknown identifier, keyed by its blind index): the lock and the failures that led to it.
CREATE TABLE guards (
    guard_key TEXT NOT NULL CONSTRAINT guards_pk PRIMARY KEY,
    last_number BIGINT NOT NULL,
    accepted BIGINT NOT NULL,
    cleared BIGINT NOT NULL,
    locked_until BIGINT
);
CREATE TABLE failures (
    guard_key TEXT NOT NULL CONSTRAINT failures_guard REFERENCES guards (guard_key),
    number BIGINT NOT NULL,
    kind TEXT NOT NULL,
    at BIGINT NOT NULL,
    CONSTRAINT failures_pk PRIMARY KEY (guard_key, number)
);

CREATE TABLE sms_codes (
    id TEXT NOT NULL CONSTRAINT sms_codes_pk PRIMARY KEY,
    purpose TEXT NOT NULL,
    account_id TEXT NOT NULL CONSTRAINT sms_codes_account REFERENCES accounts (id),
    session_id TEXT NOT NULL,
    phone_lookup TEXT NOT NULL,
    code_mac TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX sms_codes_by_phone ON sms_codes (phone_lookup, created_at);
CREATE INDEX sms_codes_by_account ON sms_codes (account_id, created_at);
