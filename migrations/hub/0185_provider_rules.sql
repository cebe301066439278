-- The rules by which a provider is suspended; without a row the delivered ones hold.
CREATE TABLE provider_rules (
    id BIGINT NOT NULL CONSTRAINT provider_rules_pk PRIMARY KEY,
    reject_days BIGINT NOT NULL,
    reject_least BIGINT NOT NULL,
    reject_percent BIGINT NOT NULL,
    unreached_days BIGINT NOT NULL,
    dispute_days BIGINT NOT NULL,
    dispute_least BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);
