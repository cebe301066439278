-- A question of two terms reads the entries of one and asks each statement, which it reads anyway, for the other: an entry of
-- the other's list would lie on a page of its own, and the lists grow with the store. The marks are twice as many, so that
-- hardly a statement is read in vain; an entry of before has all of them and is looked for in the lists.
ALTER TABLE record_statements ADD COLUMN terms TEXT NOT NULL DEFAULT '';
-- The embedded database keeps rows by a number of their own and finds that number in each index. So entries lay there twice
-- and a statement was looked for twice: now a term's entries lie in their order, and `stored`, given once in all, is the number.
ALTER TABLE record_terms RENAME TO record_terms_before;
CREATE TABLE record_terms (
    term BIGINT NOT NULL,
    stored BIGINT NOT NULL,
    marks BIGINT NOT NULL,
    CONSTRAINT record_terms_pk PRIMARY KEY (term, stored, marks)
) /*sqlite WITHOUT ROWID*/;
INSERT INTO record_terms (term, stored, marks) SELECT DISTINCT term, stored, -1 FROM record_terms_before ORDER BY term, stored;
DROP TABLE record_terms_before;
/*sqlite
ALTER TABLE record_statements RENAME TO record_statements_before;
CREATE TABLE record_statements (
    tenant BIGINT NOT NULL,
    stored INTEGER NOT NULL CONSTRAINT record_statements_pk PRIMARY KEY,
    id TEXT NOT NULL,
    voiding BOOLEAN NOT NULL,
    terms TEXT NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT record_statements_by_tenant UNIQUE (tenant, stored),
    CONSTRAINT record_statements_id UNIQUE (tenant, id)
);
INSERT INTO record_statements (tenant, stored, id, voiding, terms, body)
    SELECT tenant, stored, id, voiding, terms, body FROM record_statements_before ORDER BY stored;
DROP TABLE record_statements_before;
*/
