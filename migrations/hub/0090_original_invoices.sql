-- Whether the invoice's electronic original was read and says what the claim says.
ALTER TABLE reimbursement_invoices ADD COLUMN is_original BOOLEAN NOT NULL DEFAULT FALSE;
