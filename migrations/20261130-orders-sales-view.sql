-- owner: orders
-- run: before deploy
-- A view that `orders` publishes: each paid order that was not cancelled, with its revenue in minor units and its lines as
-- two JSON arrays in the same order: items and quantities. A change of a bill replaced the lines of the document.

CREATE OR REPLACE VIEW order_sales AS
SELECT store_id, business_day, placed_at,
    GREATEST(LEAST(GREATEST(paid - refunded, 0), total + rounding) - liabilities, 0) AS revenue,
    COALESCE(JSON_EXTRACT(bill, '$.lines[*].item'), JSON_EXTRACT(document, '$.lines[*].item')) AS items,
    COALESCE(JSON_EXTRACT(bill, '$.lines[*].quantity'), JSON_EXTRACT(document, '$.lines[*].quantity')) AS quantities
FROM orders
WHERE settled_at IS NOT NULL AND fulfilment_status <> 'cancelled';
