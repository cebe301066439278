-- Drafts of policies: uploaded by one person, tried, activated by another.
CREATE TABLE policy_drafts (
    id TEXT NOT NULL CONSTRAINT policy_drafts_pk PRIMARY KEY,
    year BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    text TEXT NOT NULL,
    note TEXT NOT NULL,
    uploaded_by TEXT NOT NULL,
    uploaded_at BIGINT NOT NULL,
    activated_by TEXT,
    activated_at BIGINT,
    version BIGINT
);
CREATE INDEX policy_drafts_by_time ON policy_drafts (uploaded_at);

-- What a draft would change, over everyone; people only where something changes. Hours are hundredths, fees are fen.
CREATE TABLE policy_trials (
    id TEXT NOT NULL CONSTRAINT policy_trials_pk PRIMARY KEY,
    draft_id TEXT NOT NULL CONSTRAINT policy_trials_draft REFERENCES policy_drafts (id),
    against TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    finished_at BIGINT,
    assessed BIGINT NOT NULL,
    short_before BIGINT NOT NULL,
    short_after BIGINT NOT NULL
);
CREATE INDEX policy_trials_by_draft ON policy_trials (draft_id, asked_at);
CREATE TABLE policy_trial_people (
    trial_id TEXT NOT NULL CONSTRAINT policy_trial_people_trial REFERENCES policy_trials (id),
    effect TEXT NOT NULL,
    person_id TEXT NOT NULL,
    short_before BIGINT NOT NULL,
    short_after BIGINT NOT NULL,
    fee_before BIGINT NOT NULL,
    fee_after BIGINT NOT NULL,
    CONSTRAINT policy_trial_people_pk PRIMARY KEY (trial_id, effect, person_id)
);
