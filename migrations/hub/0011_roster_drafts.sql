-- A roster under way: what it is called, how far it is (open, running, done, failed), and what came of it.
ALTER TABLE roster_drafts ADD COLUMN file_name TEXT NOT NULL DEFAULT '';
ALTER TABLE roster_drafts ADD COLUMN state TEXT NOT NULL DEFAULT 'open';
ALTER TABLE roster_drafts ADD COLUMN outcome TEXT;
