-- The band of hours beside each member of the figures (0: none, 7: ninety and more; empty for who isn't told by bands), so
-- that an index leads to the people behind a number by bands, and within the index to those of one state.
ALTER TABLE figure_members ADD COLUMN band TEXT NOT NULL DEFAULT '';
UPDATE figure_members SET band = COALESCE((SELECT CASE WHEN r.total_hours <= 0 THEN '0' WHEN r.total_hours >= 9000 THEN '7'
    ELSE CAST(r.total_hours / 1500 + 1 AS TEXT) END FROM year_results r
    WHERE r.person_id = figure_members.person_id AND r.year = figure_members.year), '0')
    WHERE state NOT IN ('', 'contract');
CREATE INDEX figure_members_by_band ON figure_members (year, band, path, person_id, state);
