-- owner: orders
-- run: before deploy
-- Money as it moved: what cash was rounded by, and when nothing was open for the first time. Revenue counts orders that were
-- paid in full once, with what the store keeps of them: neither what is over nor what went back beyond the payments.

ALTER TABLE orders
    ADD COLUMN rounding BIGINT NOT NULL DEFAULT 0 AFTER refunded,
    ADD COLUMN settled_at DATETIME(6) NULL AFTER rounding;
ALTER TABLE payments
    ADD COLUMN rounding BIGINT NOT NULL DEFAULT 0 AFTER amount;
UPDATE orders SET settled_at = received_at WHERE paid = total;
CREATE OR REPLACE VIEW daily_revenue AS
SELECT store_id, business_day, currency, COUNT(*) AS orders,
    CAST(SUM(LEAST(GREATEST(paid - refunded, 0), total + rounding)) AS SIGNED) AS revenue
FROM orders
WHERE settled_at IS NOT NULL
GROUP BY store_id, business_day, currency;
