-- Figures of a past year find people at the places of its last day (features/org/src/store_viewpoint.rs): who ever changed place,
-- and who was ever in a department.
CREATE INDEX placements_moved ON placements (person_id) WHERE seq > 1;
CREATE INDEX placements_by_department ON placements (department_id);
