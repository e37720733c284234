-- owner: orders
-- run: after deploy
-- Orders that functions of before were paid for while this version was deployed.

UPDATE orders SET settled_at = received_at
WHERE settled_at IS NULL AND paid = total AND rounding = 0 AND fulfilment_status <> 'cancelled';
