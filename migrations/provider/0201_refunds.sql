-- Money that goes back: all of a payment, or what some courses of its order cost. Those from before bear the payment's id.
CREATE TABLE refunds (
    id TEXT NOT NULL CONSTRAINT refunds_pk PRIMARY KEY,
    payment_id TEXT NOT NULL CONSTRAINT refunds_payment REFERENCES payments (id),
    amount BIGINT NOT NULL,
    asked_at BIGINT NOT NULL,
    done_at BIGINT
);
CREATE INDEX refunds_by_payment ON refunds (payment_id);

-- Which payment paid an order; another one goes back.
ALTER TABLE orders ADD COLUMN payment_id TEXT;
UPDATE orders SET payment_id = (SELECT MIN(p.id) FROM payments p WHERE p.order_id = orders.id AND p.state <> 'pending')
    WHERE paid_at IS NOT NULL;
ALTER TABLE order_items ADD COLUMN refund_id TEXT;
INSERT INTO refunds (id, payment_id, amount, asked_at, done_at)
    SELECT p.id, p.id, p.amount, COALESCE(o.paid_at, p.created_at), CASE WHEN p.state = 'refunded' THEN COALESCE(o.paid_at, p.created_at) END
    FROM payments p JOIN orders o ON o.id = p.order_id
    WHERE p.state = 'refunded' OR (o.state = 'refunding' AND o.payment_id = p.id);
UPDATE order_items SET refund_id = (SELECT o.payment_id FROM orders o WHERE o.id = order_items.order_id)
    WHERE order_id IN (SELECT id FROM orders WHERE state IN ('refunding', 'refunded'));

-- Invoices of an order: one holds; those that were taken back stay. `told` is the state that the management platform answered.
CREATE TABLE order_invoices (
    number TEXT NOT NULL CONSTRAINT order_invoices_pk PRIMARY KEY,
    order_id TEXT NOT NULL CONSTRAINT order_invoices_order REFERENCES orders (id),
    issued_at BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    title TEXT NOT NULL,
    people BIGINT NOT NULL,
    cancelled_at BIGINT,
    told TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT ''
);
CREATE INDEX order_invoices_by_order ON order_invoices (order_id);
INSERT INTO order_invoices (number, order_id, issued_at, amount, title, people, cancelled_at, told, status, reason)
    SELECT o.invoice_no, o.id, o.paid_at, (SELECT CAST(COALESCE(SUM(i.fee), 0) AS BIGINT) FROM order_items i WHERE i.order_id = o.id),
        COALESCE((SELECT MIN(i.title) FROM order_items i WHERE i.order_id = o.id), ''),
        (SELECT COUNT(DISTINCT s.place) FROM order_seats s WHERE s.order_id = o.id),
        CASE WHEN o.state <> 'paid' THEN o.paid_at END, o.invoice_told, o.invoice_status, o.invoice_reason
    FROM orders o WHERE o.invoice_no IS NOT NULL AND o.paid_at IS NOT NULL;
DROP INDEX orders_by_invoice;
ALTER TABLE orders DROP COLUMN invoice_no;
ALTER TABLE orders DROP COLUMN invoice_told;
ALTER TABLE orders DROP COLUMN invoice_status;
ALTER TABLE orders DROP COLUMN invoice_reason;

-- The books of the sandbox's cashier: what it was paid and gave back, each once.
CREATE TABLE cashier_books (
    notice TEXT NOT NULL CONSTRAINT cashier_books_pk PRIMARY KEY,
    payment_id TEXT NOT NULL,
    refund_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    amount BIGINT NOT NULL,
    at BIGINT NOT NULL,
    CONSTRAINT cashier_books_once UNIQUE (payment_id, kind, refund_id)
);
