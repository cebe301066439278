-- How much of what was paid has to come back where not all of it does; nothing where all of it does.
ALTER TABLE reimbursements ADD COLUMN recover_amount BIGINT;
-- What the claim came to when it was handed in: it never comes to more. Claims of before came to what they say.
ALTER TABLE reimbursements ADD COLUMN submitted_amount BIGINT NOT NULL DEFAULT 0;
UPDATE reimbursements SET submitted_amount = reimbursable;
-- What the first file for a payment named: it does not change from then on.
ALTER TABLE reimbursements ADD COLUMN sent_amount BIGINT;
