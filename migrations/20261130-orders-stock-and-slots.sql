-- owner: orders
-- run: before deploy
-- Counted items of a store, and its scheduled orders by slot. An order takes from both in its own transaction. The revision
-- of a store's stock grows when an item begins or ceases to be counted, so that copies of the store notice it.

CREATE TABLE stock (
    store_id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    item_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    left_count INT NOT NULL,
    counted_at DATETIME(6) NOT NULL,
    PRIMARY KEY (store_id, item_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE stock_revisions (
    store_id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    revision INT UNSIGNED NOT NULL,
    PRIMARY KEY (store_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE slot_counts (
    store_id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    begins_at DATETIME(6) NOT NULL,
    orders INT NOT NULL,
    pieces INT NOT NULL,
    PRIMARY KEY (store_id, begins_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE OR REPLACE VIEW store_stock AS SELECT store_id, item_id, left_count FROM stock;

CREATE OR REPLACE VIEW store_stock_revisions AS SELECT store_id, revision FROM stock_revisions;
