-- Former numbers are kept sealed from now on, so that their blind index can be made anew under another key. Those from before
-- have their index alone.
ALTER TABLE former_papers ADD COLUMN id TEXT NOT NULL DEFAULT '';
ALTER TABLE former_papers ADD COLUMN number_sealed TEXT;

-- What a former row says of an ID number is whether there was one, never which: an index would outlive its key here.
UPDATE former_people SET id_number_lookup = '' WHERE id_number_lookup IS NOT NULL;

-- Who is locked now.
CREATE INDEX guards_by_lock ON guards (locked_until);
