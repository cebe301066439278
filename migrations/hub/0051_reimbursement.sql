-- Reimbursement of training fees: one claim a person and year, its invoices, who decided what, and its payment.
CREATE TABLE reimbursements (
    id TEXT NOT NULL CONSTRAINT reimbursements_pk PRIMARY KEY,
    person_id TEXT NOT NULL CONSTRAINT reimbursements_person REFERENCES people (id),
    year BIGINT NOT NULL,
    unit_id TEXT NOT NULL,
    unit_path TEXT NOT NULL,
    state TEXT NOT NULL,
    certificate_no TEXT NOT NULL,
    charged BIGINT NOT NULL,
    paid BIGINT NOT NULL,
    allowance BIGINT NOT NULL,
    reimbursable BIGINT NOT NULL,
    round BIGINT NOT NULL,
    submitted_at BIGINT NOT NULL,
    approved_at BIGINT,
    paid_out_at BIGINT,
    paid_out_on TEXT,
    payment_reference TEXT
);
-- A rejected claim is over; of the others there is one a person and year.
CREATE UNIQUE INDEX reimbursements_once ON reimbursements (person_id, year) WHERE state <> 'rejected';
CREATE INDEX reimbursements_by_place ON reimbursements (unit_path, state, submitted_at);

-- An invoice is used once in the whole province; a claim that is rejected or sent in anew lets go of its invoices.
CREATE TABLE reimbursement_invoices (
    reimbursement_id TEXT NOT NULL CONSTRAINT reimbursement_invoices_claim REFERENCES reimbursements (id),
    place BIGINT NOT NULL,
    round BIGINT NOT NULL,
    number TEXT NOT NULL,
    day TEXT NOT NULL,
    amount BIGINT NOT NULL,
    buyer TEXT NOT NULL,
    file_id TEXT,
    released_at BIGINT,
    CONSTRAINT reimbursement_invoices_pk PRIMARY KEY (reimbursement_id, round, place)
);
CREATE UNIQUE INDEX reimbursement_invoices_once ON reimbursement_invoices (number) WHERE released_at IS NULL;

CREATE TABLE reimbursement_decisions (
    reimbursement_id TEXT NOT NULL CONSTRAINT reimbursement_decisions_claim REFERENCES reimbursements (id),
    place BIGINT NOT NULL,
    round BIGINT NOT NULL,
    stage TEXT NOT NULL,
    decision TEXT NOT NULL,
    comment TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    decided_at BIGINT NOT NULL,
    CONSTRAINT reimbursement_decisions_pk PRIMARY KEY (reimbursement_id, place)
);
