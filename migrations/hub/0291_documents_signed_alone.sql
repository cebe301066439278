-- When a document was put down was read by nobody and is signed by no checkpoint; the day of its checkpoint is.
ALTER TABLE hour_documents DROP COLUMN at;
