-- owner: orders
-- run: before deploy
-- Open bills. `document` stays the order as it was placed. `bill` holds the fields that changes replaced, as JSON. A payment
-- or refund counts in the first close of a day after it; until then its `close_number` is NULL, as that of an order.

ALTER TABLE orders
    ADD COLUMN version INT UNSIGNED NOT NULL DEFAULT 1,
    ADD COLUMN bill_status VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'closed',
    ADD COLUMN table_name VARCHAR(100) NULL,
    ADD COLUMN phone_ending CHAR(4) CHARACTER SET ascii COLLATE ascii_bin NULL,
    ADD COLUMN close_number INT UNSIGNED NULL,
    ADD COLUMN bill MEDIUMTEXT NULL;
ALTER TABLE payments
    ADD COLUMN tip BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN tendered BIGINT NULL,
    ADD COLUMN change_given BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN share VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    ADD COLUMN day DATE NULL,
    ADD COLUMN metadata TEXT NULL,
    ADD COLUMN store_id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NULL,
    ADD COLUMN close_number INT UNSIGNED NULL,
    ADD KEY by_close (store_id, close_number, day);
ALTER TABLE refunds
    ADD COLUMN tip BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN payment VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    ADD COLUMN method VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    ADD COLUMN lines_json TEXT NULL,
    ADD COLUMN person VARCHAR(100) NULL,
    ADD COLUMN day DATE NULL,
    ADD COLUMN metadata TEXT NULL,
    ADD COLUMN store_id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NULL,
    ADD COLUMN close_number INT UNSIGNED NULL,
    ADD KEY by_close (store_id, close_number, day);

-- What each change of a bill was: the history that a person reads.
CREATE TABLE order_changes (
    order_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    version INT UNSIGNED NOT NULL,
    changed_at DATETIME(6) NOT NULL,
    delta MEDIUMTEXT NOT NULL,
    PRIMARY KEY (order_id, version)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
