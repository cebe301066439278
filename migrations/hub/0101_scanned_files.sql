-- What the scanner said of a file: none (there is no scanner), waiting, clean, infected.
ALTER TABLE files ADD COLUMN scan TEXT NOT NULL DEFAULT 'none';
