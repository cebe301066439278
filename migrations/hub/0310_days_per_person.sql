-- What each person got of a training: fewer days than it had for who stayed less or learned elsewhere at the time. Who signed
-- in and out has a stay; everyone else was there somewhere within its days.
ALTER TABLE training_rows ADD COLUMN days BIGINT NOT NULL DEFAULT 0;
ALTER TABLE training_rows ADD COLUMN stay_from_ms BIGINT;
ALTER TABLE training_rows ADD COLUMN stay_to_ms BIGINT;
UPDATE training_rows SET days = (SELECT t.days FROM unit_trainings t WHERE t.id = training_rows.training_id)
WHERE state = 'credited';
-- Stays were held under keys of their own, which no reversal released, and lists held nothing. What stands holds its hours from
-- now on under the key of its credit, somewhere within its days. (Days since 1970 by the civil calendar; days in Shanghai begin
-- eight hours before those of UTC.)
DELETE FROM learned_stretches WHERE source = 'attendance';
DELETE FROM learned_records WHERE source = 'attendance';
INSERT INTO learned_records (source_key, person_id, source, kind, from_ms, to_ms, need_ms)
SELECT d.source_key, d.person_id, 'unit_training', 'span',
       (d.from_y * 365 + d.from_y / 4 - d.from_y / 100 + d.from_y / 400 + (d.from_m * 153 + 2) / 5 + d.from_d - 719469) * 86400000 - 28800000,
       (d.to_y * 365 + d.to_y / 4 - d.to_y / 100 + d.to_y / 400 + (d.to_m * 153 + 2) / 5 + d.to_d - 719468) * 86400000 - 28800000,
       d.hours * 36000
FROM (SELECT e.source_key, e.person_id, e.hours,
             CAST(substr(t.from_day, 1, 4) AS BIGINT) - CASE WHEN substr(t.from_day, 6, 2) < '03' THEN 1 ELSE 0 END AS from_y,
             (CAST(substr(t.from_day, 6, 2) AS BIGINT) + 9) % 12 AS from_m,
             CAST(substr(t.from_day, 9, 2) AS BIGINT) AS from_d,
             CAST(substr(t.to_day, 1, 4) AS BIGINT) - CASE WHEN substr(t.to_day, 6, 2) < '03' THEN 1 ELSE 0 END AS to_y,
             (CAST(substr(t.to_day, 6, 2) AS BIGINT) + 9) % 12 AS to_m,
             CAST(substr(t.to_day, 9, 2) AS BIGINT) AS to_d
      FROM training_rows r JOIN unit_trainings t ON t.id = r.training_id JOIN hour_entries e ON e.id = r.entry_id
      WHERE r.state = 'credited' AND NOT EXISTS (SELECT 1 FROM hour_entries b WHERE b.reverses = e.id)) d
WHERE NOT EXISTS (SELECT 1 FROM learned_records l WHERE l.source_key = d.source_key);
