-- owner: orders
-- run: before deploy
-- The view of orders that `orders` publishes for lists, without lines and guests; and the indexes that find an order by its
-- number at the source, and by the end of the guest's phone number.

ALTER TABLE orders
    ADD KEY by_number (chain_id, source_number, receipt_id),
    ADD KEY by_phone (chain_id, phone_ending, receipt_id);

CREATE OR REPLACE VIEW order_rows AS
SELECT id, receipt_id, chain_id, store_id, source_kind, source_id, source_number, business_day, pickup_number, table_name,
    payment_status, fulfilment_status, bill_status, total, paid, refunded, currency, placed_at, received_at, differs,
    phone_ending
FROM orders;
