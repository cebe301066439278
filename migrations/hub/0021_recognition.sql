-- 申请活动学时: what a person asks to have recognised. Hours are hundredths, `hours` by the standard, `approved_hours` after a
-- reviewer's reduction. `stage` is 1, 2 (second review) or 3 (appeal); `above` is the place that an appeal must go beyond.
CREATE TABLE activity_claims (
    id TEXT NOT NULL CONSTRAINT activity_claims_pk PRIMARY KEY,
    person_id TEXT NOT NULL CONSTRAINT activity_claims_person REFERENCES people (id),
    filed_by TEXT NOT NULL,
    year BIGINT NOT NULL,
    item TEXT NOT NULL,
    title TEXT NOT NULL,
    on_day TEXT NOT NULL,
    quantity BIGINT NOT NULL,
    author_rank BIGINT NOT NULL,
    subject TEXT NOT NULL,
    hours BIGINT NOT NULL,
    approved_hours BIGINT,
    evidence TEXT,
    policy TEXT NOT NULL,
    state TEXT NOT NULL,
    stage BIGINT NOT NULL,
    level TEXT NOT NULL,
    above TEXT,
    entry_id TEXT,
    submitted_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX activity_claims_by_person ON activity_claims (person_id, year, id);
CREATE INDEX activity_claims_by_state ON activity_claims (state, submitted_at, id);

-- 免训. `open_key` is person and year while one is under way or approved, so that there is one at a time.
CREATE TABLE exemptions (
    id TEXT NOT NULL CONSTRAINT exemptions_pk PRIMARY KEY,
    person_id TEXT NOT NULL CONSTRAINT exemptions_person REFERENCES people (id),
    filed_by TEXT NOT NULL,
    year BIGINT NOT NULL,
    kind TEXT NOT NULL,
    reason_sealed TEXT NOT NULL,
    policy TEXT NOT NULL,
    state TEXT NOT NULL,
    stage BIGINT NOT NULL,
    level TEXT NOT NULL,
    above TEXT,
    open_key TEXT CONSTRAINT exemptions_open UNIQUE,
    submitted_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX exemptions_by_person ON exemptions (person_id, year, id);
CREATE INDEX exemptions_by_state ON exemptions (state, submitted_at, id);

-- What happened to a claim or an exemption, in order; append-only.
CREATE TABLE case_events (
    case_id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    what TEXT NOT NULL,
    stage BIGINT NOT NULL,
    by_person TEXT,
    by_path TEXT,
    hours BIGINT,
    remark TEXT NOT NULL,
    policy TEXT NOT NULL,
    CONSTRAINT case_events_pk PRIMARY KEY (case_id, seq)
);
CREATE INDEX case_events_by_person ON case_events (by_person, at);

-- 病假、产假
CREATE TABLE leaves (
    id TEXT NOT NULL CONSTRAINT leaves_pk PRIMARY KEY,
    person_id TEXT NOT NULL CONSTRAINT leaves_person REFERENCES people (id),
    kind TEXT NOT NULL,
    from_day TEXT NOT NULL,
    to_day TEXT NOT NULL,
    entered_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX leaves_by_person ON leaves (person_id, from_day);

-- 补训
CREATE TABLE make_ups (
    id TEXT NOT NULL CONSTRAINT make_ups_pk PRIMARY KEY,
    person_id TEXT NOT NULL CONSTRAINT make_ups_person REFERENCES people (id),
    year BIGINT NOT NULL,
    until TEXT NOT NULL,
    reason TEXT NOT NULL,
    approved_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    ended_at BIGINT,
    CONSTRAINT make_ups_once UNIQUE (person_id, year)
);
