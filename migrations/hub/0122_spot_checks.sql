-- Spot checks: the population is fixed and its hash published when the check is announced; the seed is the root of the
-- first checkpoint after that, which nobody knew then. So anyone can draw again.
CREATE TABLE spot_checks (
    id TEXT NOT NULL CONSTRAINT spot_checks_pk PRIMARY KEY,
    unit_id TEXT NOT NULL CONSTRAINT spot_checks_unit REFERENCES units (id),
    unit_path TEXT NOT NULL,
    year BIGINT NOT NULL,
    size BIGINT NOT NULL,
    population BIGINT NOT NULL,
    population_sha256 TEXT NOT NULL,
    after_checkpoint BIGINT NOT NULL,
    announced_by TEXT NOT NULL,
    announced_at BIGINT NOT NULL,
    seed TEXT,
    seed_checkpoint BIGINT,
    drawn_at BIGINT
);
CREATE INDEX spot_checks_by_unit ON spot_checks (unit_path, announced_at);

-- The claims that a check may draw, and of those drawn the blind second review.
CREATE TABLE spot_check_cases (
    id TEXT NOT NULL CONSTRAINT spot_check_cases_pk PRIMARY KEY,
    check_id TEXT NOT NULL CONSTRAINT spot_check_cases_check REFERENCES spot_checks (id),
    claim_id TEXT NOT NULL,
    drawn BIGINT NOT NULL,
    verdict TEXT,
    hours BIGINT,
    comment TEXT,
    reviewed_by TEXT,
    reviewed_at BIGINT,
    CONSTRAINT spot_check_cases_once UNIQUE (check_id, claim_id)
);
