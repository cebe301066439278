-- A block has an id of its own: two units that both noted one invoice may become one unit, and both notes stay.
ALTER TABLE invoice_blocks RENAME TO invoice_blocks_before;
CREATE TABLE invoice_blocks (
    id TEXT NOT NULL CONSTRAINT invoice_blocks_id PRIMARY KEY,
    number TEXT NOT NULL,
    kind TEXT NOT NULL,
    reason TEXT NOT NULL,
    unit_path TEXT NOT NULL,
    noted_by TEXT NOT NULL,
    noted_at BIGINT NOT NULL
);
INSERT INTO invoice_blocks (id, number, kind, reason, unit_path, noted_by, noted_at)
    SELECT number || ':' || unit_path, number, kind, reason, unit_path, noted_by, noted_at FROM invoice_blocks_before;
DROP TABLE invoice_blocks_before;
CREATE INDEX invoice_blocks_by_number ON invoice_blocks (number, unit_path);
CREATE INDEX invoice_blocks_by_place ON invoice_blocks (unit_path, noted_at);
