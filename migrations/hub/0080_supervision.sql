-- The pace of the last thirty days is read by time, not person by person.
CREATE INDEX hour_entries_by_time ON hour_entries (year, at);
