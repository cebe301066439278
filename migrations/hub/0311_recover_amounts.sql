-- How much of what was paid has to come back where not all of it does; nothing where all of it does.
ALTER TABLE reimbursements ADD COLUMN recover_amount BIGINT;
