-- When a code was entered rightly, for the desk: a code that ended may also have been replaced or voided by a lock.
ALTER TABLE sms_codes ADD COLUMN used_at BIGINT;
