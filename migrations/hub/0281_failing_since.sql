-- Since when calls to a provider fail without an answer in between.
ALTER TABLE provider_lines ADD COLUMN failing_since BIGINT;
UPDATE provider_lines SET failing_since = failed_at WHERE failures > 0;
