-- Invoices go to the management platform by themselves: which state of the order it answered, and what it said.
ALTER TABLE orders ADD COLUMN invoice_told TEXT NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN invoice_status TEXT NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN invoice_reason TEXT NOT NULL DEFAULT '';
CREATE INDEX orders_by_invoice ON orders (invoice_no);
