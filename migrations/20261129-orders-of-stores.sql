-- owner: orders
-- run: before deploy
-- A view that `orders` publishes: the stores that have orders, with the ids of these orders.

CREATE OR REPLACE VIEW store_orders AS SELECT store_id, id AS order_id FROM orders;
