-- The figures for which someone is in a list of a trial: hours that are missing by subject, and fees that were charged, by the
-- version in force and by the draft. Trials of before kept none of them.
ALTER TABLE policy_trial_people ADD COLUMN public_before BIGINT;
ALTER TABLE policy_trial_people ADD COLUMN public_after BIGINT;
ALTER TABLE policy_trial_people ADD COLUMN professional_before BIGINT;
ALTER TABLE policy_trial_people ADD COLUMN professional_after BIGINT;
ALTER TABLE policy_trial_people ADD COLUMN charged_before BIGINT;
ALTER TABLE policy_trial_people ADD COLUMN charged_after BIGINT;
