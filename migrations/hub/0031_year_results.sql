-- What each person's year came to when it was last assessed, for figures. A person without a row has nothing in the year.
-- Written by the job that follows every change; `xueshi stats verify` compares it with a full assessment.
CREATE TABLE year_results (
    person_id TEXT NOT NULL,
    year BIGINT NOT NULL,
    state TEXT NOT NULL,
    obliged BOOLEAN NOT NULL,
    total_hours BIGINT NOT NULL,
    public_hours BIGINT NOT NULL,
    professional_hours BIGINT NOT NULL,
    short_hours BIGINT NOT NULL,
    policy TEXT NOT NULL,
    at BIGINT NOT NULL,
    CONSTRAINT year_results_pk PRIMARY KEY (person_id, year)
);
CREATE INDEX year_results_by_state ON year_results (year, state);
