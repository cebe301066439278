-- Invoices that course platforms sent by themselves. One of a group order is the unit's and nobody's to claim; one that the
-- platform took back is cancelled and blocked everywhere.
CREATE TABLE received_invoices (
    number TEXT NOT NULL CONSTRAINT received_invoices_pk PRIMARY KEY,
    provider_id TEXT NOT NULL,
    person_id TEXT NOT NULL CONSTRAINT received_invoices_person REFERENCES people (id),
    is_group BOOLEAN NOT NULL,
    day TEXT NOT NULL,
    amount BIGINT NOT NULL,
    buyer TEXT NOT NULL,
    tax_number TEXT NOT NULL,
    title TEXT NOT NULL,
    people BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    cancelled_at BIGINT
);
CREATE INDEX received_invoices_by_person ON received_invoices (person_id, day);

-- A unit's payment whose invoice the platform took back.
ALTER TABLE unit_payments ADD COLUMN cancelled_at BIGINT;
