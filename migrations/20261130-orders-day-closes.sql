-- owner: orders
-- run: before deploy
-- Day closes. A close counts the orders, payments and refunds of a store that no close counted before. Its number is written
-- to them: 0 marks imported history, which no close counts. The indexes by day also serve the sums by day of the console.

ALTER TABLE orders
    ADD COLUMN liabilities BIGINT NOT NULL DEFAULT 0;
ALTER TABLE payments
    DROP KEY by_close,
    ADD KEY by_day (store_id, day, close_number, amount, tip);
ALTER TABLE refunds
    ADD COLUMN comp BOOLEAN NOT NULL DEFAULT FALSE,
    ADD COLUMN parts TEXT NULL,
    DROP KEY by_close,
    ADD KEY by_day (store_id, day, close_number, amount, tip);

CREATE TABLE day_closes (
    store_id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    -- Counts from 1 for each store, without gaps.
    number INT UNSIGNED NOT NULL,
    day DATE NOT NULL,
    closed_at DATETIME(6) NOT NULL,
    report MEDIUMTEXT NOT NULL,
    PRIMARY KEY (store_id, number),
    UNIQUE KEY by_day (store_id, day)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- Amounts of an order that a close counted, and that changed after it. The next close takes them off, and counts the order anew.
CREATE TABLE sale_corrections (
    order_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    -- The number of the order's last message after the change.
    sequence INT UNSIGNED NOT NULL,
    store_id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    counted MEDIUMTEXT NOT NULL,
    close_number INT UNSIGNED NULL,
    PRIMARY KEY (order_id, sequence),
    KEY by_close (store_id, close_number)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- A gift card that was sold is no revenue: its value is owed to the guest. It is revenue when it pays for an order.
CREATE OR REPLACE VIEW daily_revenue AS
SELECT store_id, business_day, currency, COUNT(*) AS orders,
    CAST(SUM(GREATEST(LEAST(GREATEST(paid - refunded, 0), total + rounding) - liabilities, 0)) AS SIGNED) AS revenue
FROM orders
WHERE settled_at IS NOT NULL
GROUP BY store_id, business_day, currency;

-- What other concerns may read of this one: payments and refunds by the business day on which the money moved.
CREATE VIEW payments_by_day AS SELECT store_id, day, amount, tip FROM payments;
CREATE VIEW refunds_by_day AS SELECT store_id, day, amount, tip FROM refunds;
