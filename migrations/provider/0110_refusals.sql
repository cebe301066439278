-- Time that was told and not credited: what an appeal needs. `wall_from` to `wall_to` is the time of the beat in which
-- nothing was credited; positions and times are milliseconds.
CREATE TABLE refused_stretches (
    id TEXT NOT NULL CONSTRAINT refused_stretches_pk PRIMARY KEY,
    learner_id TEXT NOT NULL,
    lecture_id TEXT NOT NULL,
    round BIGINT NOT NULL,
    session_id TEXT NOT NULL CONSTRAINT refused_stretches_session REFERENCES learning_sessions (id),
    seq BIGINT NOT NULL,
    reason TEXT NOT NULL,
    time_ms BIGINT NOT NULL,
    from_ms BIGINT NOT NULL,
    to_ms BIGINT NOT NULL,
    wall_from BIGINT NOT NULL,
    wall_to BIGINT NOT NULL
);
CREATE INDEX refused_stretches_by_learner ON refused_stretches (learner_id, wall_to);
CREATE INDEX refused_stretches_by_session ON refused_stretches (session_id, wall_to);

-- Attention checks that were asked, and how each ended.
CREATE TABLE session_events (
    id TEXT NOT NULL CONSTRAINT session_events_pk PRIMARY KEY,
    session_id TEXT NOT NULL CONSTRAINT session_events_session REFERENCES learning_sessions (id),
    kind TEXT NOT NULL,
    detail TEXT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX session_events_by_session ON session_events (session_id, at);

-- Appeals: one a refusal, decided by a person of the platform; `evidence` is the bundle as it was when filed.
CREATE TABLE appeals (
    id TEXT NOT NULL CONSTRAINT appeals_pk PRIMARY KEY,
    refusal_id TEXT NOT NULL CONSTRAINT appeals_refusal REFERENCES refused_stretches (id) CONSTRAINT appeals_once UNIQUE,
    learner_id TEXT NOT NULL CONSTRAINT appeals_learner REFERENCES learners (id),
    words TEXT NOT NULL,
    evidence TEXT NOT NULL,
    state TEXT NOT NULL,
    filed_at BIGINT NOT NULL,
    answer TEXT,
    credited_ms BIGINT NOT NULL,
    decided_by TEXT,
    decided_at BIGINT
);
CREATE INDEX appeals_by_state ON appeals (state, filed_at);
CREATE INDEX appeals_by_learner ON appeals (learner_id, filed_at);

-- Who looks after the courses and appeals of this platform, as the management platform names them.
CREATE TABLE managers (
    subject_id TEXT NOT NULL CONSTRAINT managers_pk PRIMARY KEY,
    added_at BIGINT NOT NULL
);
-- Invitations to look after this platform: only the hash, good once.
CREATE TABLE manager_invitations (
    token_hash TEXT NOT NULL CONSTRAINT manager_invitations_pk PRIMARY KEY,
    expires_at BIGINT NOT NULL,
    used_by TEXT
);
