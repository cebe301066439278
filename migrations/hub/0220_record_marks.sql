-- Each entry of the index marks the other terms of its statement (features/records/src/terms.rs), so that a question of two
-- terms reads the entries of one and looks at few of the other's. An entry of before knows nothing of them: it has all marks.
-- The marks are in the key because both databases then answer from it alone; they follow from the statement.
ALTER TABLE record_terms RENAME TO record_terms_unmarked;
CREATE TABLE record_terms (
    term BIGINT NOT NULL,
    stored BIGINT NOT NULL,
    marks BIGINT NOT NULL,
    CONSTRAINT record_terms_marked PRIMARY KEY (term, stored, marks)
);
INSERT INTO record_terms (term, stored, marks) SELECT term, stored, -1 FROM record_terms_unmarked ORDER BY term, stored;
DROP TABLE record_terms_unmarked;
