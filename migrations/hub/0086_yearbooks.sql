-- A unit's ledger of a year as its administrator confirmed it (number 0), and the numbered supplements after it. `lines` is
-- what was confirmed, person by person; `changed` how many lines differ from the edition before.
CREATE TABLE yearbooks (
    unit_id TEXT NOT NULL CONSTRAINT yearbooks_unit REFERENCES units (id),
    year BIGINT NOT NULL,
    no BIGINT NOT NULL,
    lines TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    people BIGINT NOT NULL,
    done BIGINT NOT NULL,
    contract_staff BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    confirmed_by TEXT NOT NULL,
    confirmed_at BIGINT NOT NULL,
    received_by TEXT,
    received_at BIGINT,
    CONSTRAINT yearbooks_pk PRIMARY KEY (unit_id, year, no)
);
