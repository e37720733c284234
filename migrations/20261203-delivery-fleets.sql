-- owner: delivery
-- run: before deploy
-- Outside fleets. A booking is a trip that a fleet was asked for; one booking of a delivery is open at a time. `number`
-- is the booking's key for a fleet that wants a number. `sends` counts the requests that may have made a trip.
-- A fleet's courier is a row of `couriers` with its fleet, one for each booking.

CREATE TABLE delivery_fleets (
    fleet_key VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    kind VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    settings TEXT NOT NULL,
    -- Fernet, under the keyring. Written once, and never shown.
    credentials VARBINARY(8192) NOT NULL,
    enabled TINYINT UNSIGNED NOT NULL,
    revision INT UNSIGNED NOT NULL,
    -- The access token of the service, encrypted. One worker fetches it, under a lease.
    token VARBINARY(8192) NULL,
    token_until DATETIME(6) NULL,
    leased_until DATETIME(6) NULL,
    PRIMARY KEY (fleet_key),
    KEY by_chain (chain_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE fleet_bookings (
    id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    number BIGINT UNSIGNED NOT NULL,
    delivery_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    store_id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    fleet_key VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    courier_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    status VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,
    fleet_id VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    quote_id VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    quoted_until DATETIME(6) NULL,
    price INT UNSIGNED NULL,
    currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NULL,
    failure VARCHAR(64) NULL,
    detail VARCHAR(200) NULL,
    sends INT UNSIGNED NOT NULL DEFAULT 0,
    first_sent_at DATETIME(6) NULL,
    tries INT UNSIGNED NOT NULL DEFAULT 0,
    due_at DATETIME(6) NOT NULL,
    claim_token BIGINT UNSIGNED NULL,
    leased_until DATETIME(6) NULL,
    asked_by VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    created_at DATETIME(6) NOT NULL,
    heard_at DATETIME(6) NULL,
    ended_at DATETIME(6) NULL,
    is_open TINYINT UNSIGNED NULL,
    PRIMARY KEY (id),
    UNIQUE KEY by_number (number),
    UNIQUE KEY by_delivery (delivery_id, is_open),
    KEY by_fleet_id (fleet_key, fleet_id),
    KEY by_due (is_open, due_at),
    KEY by_claim (claim_token),
    KEY by_end (ended_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- The digests of callbacks, so that each one counts once.
CREATE TABLE fleet_callbacks (
    fleet_key VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    digest BINARY(32) NOT NULL,
    received_at DATETIME(6) NOT NULL,
    PRIMARY KEY (fleet_key, digest),
    KEY by_time (received_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

ALTER TABLE couriers ADD COLUMN fleet VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL;

-- When a store asks a fleet, as JSON; NULL: never.
ALTER TABLE delivery_stores ADD COLUMN fleet_rule JSON NULL;
