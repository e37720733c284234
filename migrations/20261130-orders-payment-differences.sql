-- owner: orders
-- run: before deploy
-- Money that came after its order is stored whatever its form. `differences` names each change, as JSON. `rounding` is
-- the amount by which a refund in cash exceeds what was charged for its lines.

ALTER TABLE payments ADD COLUMN differences TEXT NULL;
ALTER TABLE refunds
    ADD COLUMN rounding BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN differences TEXT NULL;
