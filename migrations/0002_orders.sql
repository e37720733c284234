-- owner: orders
-- run: before deploy
-- Stores with their menus, orders, and what was paid and given back for them.

-- owner: stores
CREATE TABLE stores (
    id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    region_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    -- Grows with every change of anything in the row, so that a kept copy is checked without being read.
    revision BIGINT UNSIGNED NOT NULL,
    settings MEDIUMTEXT NOT NULL,
    opening_hours MEDIUMTEXT NULL,
    menu MEDIUMTEXT NULL,
    sold_out MEDIUMTEXT NOT NULL,
    PRIMARY KEY (id),
    KEY by_chain (chain_id, region_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE pickup_numbers (
    store_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    business_day DATE NOT NULL,
    last_number INT UNSIGNED NOT NULL,
    PRIMARY KEY (store_id, business_day)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE orders (
    id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    store_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    source_kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    source_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    source_number VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    request_hash BINARY(32) NOT NULL,
    business_day DATE NOT NULL,
    pickup_number INT UNSIGNED NOT NULL,
    placed_at DATETIME(6) NOT NULL,
    received_at DATETIME(6) NOT NULL,
    member_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    total BIGINT NOT NULL,
    paid BIGINT NOT NULL,
    refunded BIGINT NOT NULL,
    payment_status VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    fulfilment_status VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    differs BOOLEAN NOT NULL,
    last_sequence INT UNSIGNED NOT NULL,
    -- The order as it was placed, which is also the reply to its first post; the columns above move, this does not.
    document MEDIUMTEXT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY by_source_number (source_kind, source_id, source_number),
    UNIQUE KEY by_pickup_number (store_id, business_day, pickup_number),
    KEY by_store (store_id, id),
    KEY by_fulfilment (store_id, fulfilment_status, id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE payments (
    order_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    reference VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    method VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    amount BIGINT NOT NULL,
    taken_at DATETIME(6) NOT NULL,
    PRIMARY KEY (order_id, reference)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE refunds (
    order_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    reference VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    amount BIGINT NOT NULL,
    reason VARCHAR(200) NOT NULL,
    refunded_at DATETIME(6) NOT NULL,
    PRIMARY KEY (order_id, reference)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- What other concerns may read of this one: revenue of a store and business day, minor units.
CREATE VIEW daily_revenue AS
SELECT store_id, business_day, currency, COUNT(*) AS orders, CAST(SUM(paid - refunded) AS SIGNED) AS revenue
FROM orders
WHERE paid = total
GROUP BY store_id, business_day, currency;
