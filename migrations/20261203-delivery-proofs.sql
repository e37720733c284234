-- owner: delivery
-- run: before deploy
-- The photos and signatures of deliveries, which are objects in a bucket. A row is there before its object is: `look_at`
-- is when a timer looks for it, and NULL when no look is due.

CREATE TABLE delivery_proofs (
    delivery_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    object_key VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    type VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    size INT UNSIGNED NOT NULL,
    hash BINARY(32) NOT NULL,
    state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    looks INT UNSIGNED NOT NULL DEFAULT 0,
    look_at DATETIME(6) NULL,
    declared_at DATETIME(6) NOT NULL,
    PRIMARY KEY (delivery_id, kind),
    KEY by_look (look_at),
    KEY by_age (declared_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
