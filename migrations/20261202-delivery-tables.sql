-- owner: delivery
-- run: before deploy
-- A delivery has two states: `goods` of what is packed, `carriage` of what a courier does. `delivery_actions` has every
-- action that was kept or refused; the device gives its id. `times` has the moment of each state. `refused_by` lists the
-- couriers who declined or let an offer pass. The link of the customer's page is stored as its hash, and encrypted.

CREATE TABLE deliveries (
    id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    order_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    store_id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    number INT UNSIGNED NOT NULL,
    member_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
    goods VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    carriage VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    courier_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    details JSON NOT NULL,
    item_lines JSON NOT NULL,
    shorts JSON NOT NULL,
    parcels INT UNSIGNED NULL,
    times JSON NOT NULL,
    refused_by JSON NOT NULL,
    proof JSON NOT NULL,
    why JSON NOT NULL,
    wanted_from DATETIME(6) NOT NULL,
    wanted_until DATETIME(6) NOT NULL,
    ready_at DATETIME(6) NOT NULL,
    offered_until DATETIME(6) NULL,
    link_hash BINARY(32) NOT NULL,
    link_encrypted VARBINARY(255) NOT NULL,
    pin_tries TINYINT UNSIGNED NOT NULL DEFAULT 0,
    order_sequence INT UNSIGNED NOT NULL DEFAULT 0,
    revision INT UNSIGNED NOT NULL DEFAULT 1,
    sequence INT UNSIGNED NOT NULL DEFAULT 0,
    created_at DATETIME(6) NOT NULL,
    changed_at DATETIME(6) NOT NULL,
    ended_at DATETIME(6) NULL,
    is_open TINYINT UNSIGNED NULL,
    PRIMARY KEY (id),
    UNIQUE KEY by_order (order_id),
    UNIQUE KEY by_link (link_hash),
    KEY by_store (store_id, is_open, id),
    KEY by_courier (courier_id, is_open),
    KEY by_open (is_open, store_id),
    KEY by_member (member_id),
    KEY by_end (ended_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE delivery_actions (
    delivery_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    action_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    action VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    actor VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    expected VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,
    found VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    became VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,
    refusal VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    detail VARCHAR(300) NULL,
    happened_at DATETIME(6) NOT NULL,
    received_at DATETIME(6) NOT NULL,
    PRIMARY KEY (delivery_id, action_id),
    KEY by_time (delivery_id, received_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE couriers (
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    client_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    name VARCHAR(100) NOT NULL,
    phone VARCHAR(31) NULL,
    vehicle VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    capacity INT UNSIGNED NOT NULL,
    stores JSON NOT NULL,
    shift_from DATETIME(6) NULL,
    shift_until DATETIME(6) NULL,
    break_until DATETIME(6) NULL,
    active TINYINT UNSIGNED NOT NULL DEFAULT 1,
    revision INT UNSIGNED NOT NULL DEFAULT 1,
    changed_at DATETIME(6) NOT NULL,
    PRIMARY KEY (chain_id, id),
    UNIQUE KEY by_client (client_id),
    KEY by_shift (shift_until)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE delivery_stores (
    store_id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    lat DOUBLE NULL,
    lon DOUBLE NULL,
    map_system VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    prepare_minutes INT UNSIGNED NOT NULL,
    promise_minutes INT UNSIGNED NOT NULL,
    window_minutes INT UNSIGNED NOT NULL,
    offer_seconds INT UNSIGNED NOT NULL,
    is_automatic TINYINT UNSIGNED NOT NULL,
    fixed_courier VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    needs_pin TINYINT UNSIGNED NOT NULL,
    pilot_from DATE NULL,
    changed_at DATETIME(6) NOT NULL,
    PRIMARY KEY (store_id),
    KEY by_chain (chain_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- For orders: a packed delivery is a ready order, a handed one is handed over.
CREATE OR REPLACE VIEW delivery_goods AS SELECT order_id, goods FROM deliveries;
