-- What each person got of a training: fewer days than it had for who stayed less or learned elsewhere at the time. Who signed
-- in and out has a stay; everyone else was there somewhere within its days.
ALTER TABLE training_rows ADD COLUMN days BIGINT NOT NULL DEFAULT 0;
ALTER TABLE training_rows ADD COLUMN stay_from_ms BIGINT;
ALTER TABLE training_rows ADD COLUMN stay_to_ms BIGINT;
UPDATE training_rows SET days = (SELECT t.days FROM unit_trainings t WHERE t.id = training_rows.training_id)
WHERE state = 'credited';
-- Stays were held under keys of their own, which no reversal released; what is booked from now on holds its time with its credit.
DELETE FROM learned_stretches WHERE source = 'attendance';
DELETE FROM learned_records WHERE source = 'attendance';
