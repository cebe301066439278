-- How a unit's invoices are titled: what its people copy when they order courses.
CREATE TABLE invoice_titles (
    unit_id TEXT NOT NULL CONSTRAINT invoice_titles_pk PRIMARY KEY CONSTRAINT invoice_titles_unit REFERENCES units (id),
    title TEXT NOT NULL,
    tax_number TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);
