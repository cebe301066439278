-- Secrets of OpenID Connect clients: two may be valid at a time, so that one can follow the other without a gap.
CREATE TABLE openid_client_secrets (
    id TEXT NOT NULL CONSTRAINT openid_client_secrets_pk PRIMARY KEY,
    client_id TEXT NOT NULL CONSTRAINT openid_client_secrets_client REFERENCES openid_clients (client_id),
    secret_mac TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX openid_client_secrets_by_client ON openid_client_secrets (client_id, made_at);
INSERT INTO openid_client_secrets (id, client_id, secret_mac, made_at)
    SELECT client_id || '-1', client_id, secret_mac, created_at FROM openid_clients;
ALTER TABLE openid_clients DROP COLUMN secret_mac;
