-- Medical evidence lies apart and is kept for a shorter time. When the time is over the bytes are removed; the row with its
-- hashes stays, so that whatever cites it can still be verified.
ALTER TABLE files ADD COLUMN area TEXT NOT NULL DEFAULT 'evidence';
ALTER TABLE files ADD COLUMN removed_at BIGINT;
CREATE INDEX files_by_age ON files (area, created_at);
