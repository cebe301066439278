-- What an invoice is over, line by line; an invoice of before whose courses can no longer be told has none.
CREATE TABLE order_invoice_lines (
    number TEXT NOT NULL CONSTRAINT order_invoice_lines_invoice REFERENCES order_invoices (number),
    place BIGINT NOT NULL,
    title TEXT NOT NULL,
    hours BIGINT NOT NULL,
    fee BIGINT NOT NULL,
    CONSTRAINT order_invoice_lines_pk PRIMARY KEY (number, place)
);
INSERT INTO order_invoice_lines (number, place, title, hours, fee)
    SELECT v.number, ROW_NUMBER() OVER (PARTITION BY v.number ORDER BY i.title, i.course_id), i.title, i.hours, i.fee
    FROM order_invoices v JOIN order_items i ON i.order_id = v.order_id
    WHERE (v.cancelled_at IS NULL AND i.refund_id IS NULL) OR (v.cancelled_at IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM order_invoices w WHERE w.order_id = v.order_id AND w.number <> v.number AND w.issued_at <= v.issued_at));
-- An invoice is taken back by another, with a number of its own.
ALTER TABLE order_invoices ADD COLUMN red_number TEXT;

-- Seats of a group order go back person by person. How many there are is counted, so an item's title no longer says it.
ALTER TABLE order_seats ADD COLUMN refund_id TEXT;
UPDATE order_items SET title = REPLACE(title, ' × ' || CAST((SELECT COUNT(*) FROM order_seats s
    WHERE s.order_id = order_items.order_id AND s.course_id = order_items.course_id) AS TEXT), '')
    WHERE order_id IN (SELECT id FROM orders WHERE is_group);
