-- What a unit sets for its money: who may stand as the buyer, how it pays, its own dates, the fund of over-limit claims.
CREATE TABLE money_settings (
    unit_id TEXT NOT NULL CONSTRAINT money_settings_pk PRIMARY KEY CONSTRAINT money_settings_unit REFERENCES units (id),
    tax_number TEXT NOT NULL,
    buyer_rule TEXT NOT NULL,
    pay_by TEXT NOT NULL,
    review_days BIGINT NOT NULL,
    fund TEXT NOT NULL,
    updated_by TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE TABLE money_dates (
    unit_id TEXT NOT NULL CONSTRAINT money_dates_unit REFERENCES units (id),
    year BIGINT NOT NULL,
    hand_in TEXT NOT NULL,
    closing TEXT NOT NULL,
    CONSTRAINT money_dates_pk PRIMARY KEY (unit_id, year)
);

-- What was given back, what the unit itself paid, whether it came after the unit's day, and whether money has to come back.
ALTER TABLE reimbursements ADD COLUMN refunded BIGINT NOT NULL DEFAULT 0;
ALTER TABLE reimbursements ADD COLUMN unit_paid BIGINT NOT NULL DEFAULT 0;
ALTER TABLE reimbursements ADD COLUMN is_late BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE reimbursements ADD COLUMN recover_reason TEXT;
-- The form of the original that an invoice was read from.
ALTER TABLE reimbursement_invoices ADD COLUMN read_from TEXT NOT NULL DEFAULT '';

-- Invoices that were taken back by a red-letter one, or voided.
CREATE TABLE invoice_blocks (
    number TEXT NOT NULL,
    kind TEXT NOT NULL,
    reason TEXT NOT NULL,
    unit_path TEXT NOT NULL,
    noted_by TEXT NOT NULL,
    noted_at BIGINT NOT NULL,
    CONSTRAINT invoice_blocks_pk PRIMARY KEY (number, unit_path)
);
CREATE INDEX invoice_blocks_by_place ON invoice_blocks (unit_path, noted_at);

-- Training that the unit itself paid: its invoice, and the course whose fee nobody of the unit claims again.
CREATE TABLE unit_payments (
    id TEXT NOT NULL CONSTRAINT unit_payments_pk PRIMARY KEY,
    unit_id TEXT NOT NULL CONSTRAINT unit_payments_unit REFERENCES units (id),
    unit_path TEXT NOT NULL,
    year BIGINT NOT NULL,
    title TEXT NOT NULL,
    course TEXT NOT NULL,
    invoice_number TEXT NOT NULL CONSTRAINT unit_payments_invoice UNIQUE,
    amount BIGINT NOT NULL,
    people BIGINT NOT NULL,
    paid_on TEXT NOT NULL,
    recorded_by TEXT NOT NULL,
    recorded_at BIGINT NOT NULL
);
CREATE INDEX unit_payments_by_place ON unit_payments (unit_path, year);

-- What is above the limit, for a special reason: two signatures, from the unit's fund.
CREATE TABLE special_claims (
    id TEXT NOT NULL CONSTRAINT special_claims_pk PRIMARY KEY,
    reimbursement_id TEXT NOT NULL CONSTRAINT special_claims_claim REFERENCES reimbursements (id),
    person_id TEXT NOT NULL CONSTRAINT special_claims_person REFERENCES people (id),
    year BIGINT NOT NULL,
    unit_path TEXT NOT NULL,
    amount BIGINT NOT NULL,
    reason TEXT NOT NULL,
    fund TEXT NOT NULL,
    state TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    first_by TEXT,
    first_at BIGINT,
    second_by TEXT,
    second_at BIGINT,
    comment TEXT NOT NULL,
    paid_on TEXT,
    payment_reference TEXT
);
CREATE UNIQUE INDEX special_claims_once ON special_claims (reimbursement_id) WHERE state <> 'rejected';
CREATE INDEX special_claims_by_place ON special_claims (unit_path, state);

-- Where a person's money goes: sealed, the last four digits in clear, usable three days after a change.
CREATE TABLE bank_accounts (
    person_id TEXT NOT NULL CONSTRAINT bank_accounts_pk PRIMARY KEY CONSTRAINT bank_accounts_person REFERENCES people (id),
    bank TEXT NOT NULL,
    number_sealed TEXT NOT NULL,
    last_four TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    usable_from BIGINT NOT NULL
);

-- Every invoice number that was mentioned: whoever writes one in here first is before the other, so that a claim, a block
-- and the unit's own payment of the same invoice follow one another.
CREATE TABLE invoice_gate (
    number TEXT NOT NULL CONSTRAINT invoice_gate_pk PRIMARY KEY
);
