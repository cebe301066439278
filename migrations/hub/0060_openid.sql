-- OpenID Connect; see features/openid. Of secrets, codes and tokens only hashes are kept. Addresses are one a line.
CREATE TABLE openid_clients (
    client_id TEXT NOT NULL CONSTRAINT openid_clients_pk PRIMARY KEY,
    provider_id TEXT NOT NULL CONSTRAINT openid_clients_provider UNIQUE REFERENCES providers (id),
    secret_mac TEXT NOT NULL,
    redirect_uris TEXT NOT NULL,
    post_logout_uris TEXT NOT NULL,
    backchannel_uri TEXT,
    created_at BIGINT NOT NULL
);
CREATE TABLE openid_consents (
    person_id TEXT NOT NULL CONSTRAINT openid_consents_person REFERENCES people (id),
    client_id TEXT NOT NULL CONSTRAINT openid_consents_client REFERENCES openid_clients (client_id),
    at BIGINT NOT NULL,
    CONSTRAINT openid_consents_pk PRIMARY KEY (person_id, client_id)
);
-- A session of ours at a client; its id is the `sid` of tokens.
CREATE TABLE openid_logins (
    id TEXT NOT NULL CONSTRAINT openid_logins_pk PRIMARY KEY,
    session_id TEXT NOT NULL CONSTRAINT openid_logins_session REFERENCES sessions (id),
    client_id TEXT NOT NULL CONSTRAINT openid_logins_client REFERENCES openid_clients (client_id),
    person_id TEXT NOT NULL CONSTRAINT openid_logins_person REFERENCES people (id),
    subject TEXT NOT NULL,
    at BIGINT NOT NULL,
    ended_at BIGINT,
    CONSTRAINT openid_logins_once UNIQUE (session_id, client_id)
);
CREATE INDEX openid_logins_by_person ON openid_logins (person_id, at);
CREATE TABLE openid_codes (
    code_hash TEXT NOT NULL CONSTRAINT openid_codes_pk PRIMARY KEY,
    login_id TEXT NOT NULL CONSTRAINT openid_codes_login REFERENCES openid_logins (id),
    redirect_uri TEXT NOT NULL,
    challenge TEXT NOT NULL,
    nonce TEXT,
    scope TEXT NOT NULL,
    auth_time BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX openid_codes_by_end ON openid_codes (expires_at);
CREATE TABLE openid_tokens (
    token_hash TEXT NOT NULL CONSTRAINT openid_tokens_pk PRIMARY KEY,
    login_id TEXT NOT NULL CONSTRAINT openid_tokens_login REFERENCES openid_logins (id),
    code_hash TEXT NOT NULL,
    scope TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE INDEX openid_tokens_by_code ON openid_tokens (code_hash);
CREATE INDEX openid_tokens_by_login ON openid_tokens (login_id);
CREATE INDEX openid_tokens_by_end ON openid_tokens (expires_at);

-- A launch goes on with the session that asked for it.
ALTER TABLE launch_tickets ADD COLUMN session_id TEXT;
