-- owner: delivery
-- run: before deploy
-- `courier_positions` has the last place of each courier. `delivery_tracks` has one text a delivery: the fixes from pickup
-- to the end, as differences in base 64. A device sends a secret, of which `courier_devices` has the hash.

CREATE TABLE courier_positions (
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    courier_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    lat DOUBLE NOT NULL,
    lon DOUBLE NOT NULL,
    accuracy DOUBLE NOT NULL,
    fixed_at DATETIME(6) NOT NULL,
    received_at DATETIME(6) NOT NULL,
    PRIMARY KEY (chain_id, courier_id),
    KEY by_time (received_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE courier_devices (
    token_hash BINARY(32) NOT NULL,
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    courier_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    created_at DATETIME(6) NOT NULL,
    PRIMARY KEY (token_hash),
    UNIQUE KEY by_courier (chain_id, courier_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE delivery_tracks (
    delivery_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    fixes MEDIUMTEXT NOT NULL,
    changed_at DATETIME(6) NOT NULL,
    PRIMARY KEY (delivery_id),
    KEY by_time (changed_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE delivery_feedback (
    delivery_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    stars TINYINT UNSIGNED NULL,
    complaint VARCHAR(500) NULL,
    changed_at DATETIME(6) NOT NULL,
    PRIMARY KEY (delivery_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
