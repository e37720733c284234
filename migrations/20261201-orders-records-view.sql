-- owner: orders
-- run: before deploy
-- Views that `orders` publishes: orders as they stand, their payments and their refunds. shared/contracts/order_record.py
-- reads them.

CREATE VIEW order_records AS
SELECT id AS order_id, chain_id, store_id, business_day, paid, refunded, rounding, settled_at, payment_status,
    fulfilment_status, bill_status, document, bill
FROM orders;

CREATE VIEW payment_records AS
SELECT order_id, store_id, reference, method, amount, taken_at, rounding, tip, tendered, change_given, share, day, metadata
FROM payments;

CREATE VIEW refund_records AS
SELECT order_id, store_id, reference, amount, reason, refunded_at, tip, payment, method, parts, lines_json, comp, person, day,
    metadata
FROM refunds;
