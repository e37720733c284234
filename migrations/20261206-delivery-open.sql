-- owner: delivery
-- run: before deploy
-- The view that `delivery` publishes for alerts: open deliveries, without persons; and the index that finds the late ones.

ALTER TABLE deliveries ADD KEY by_lateness (is_open, wanted_until, store_id);

CREATE OR REPLACE VIEW open_deliveries AS
SELECT id, order_id, number, store_id, goods, carriage, wanted_until FROM deliveries WHERE is_open = 1;
