-- owner: members
-- run: before deploy
-- Members, what they bought, running facts of it, tags made from the facts, and bitmaps of the tags for segments.

-- `id` is made from the chain and its own name for the member, so every function knows it without asking. `number` counts
-- a chain's members and is their bit in `tag_bitmaps`. A forgotten member's row stays, so that late messages find it.
CREATE TABLE members (
    id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    number INT UNSIGNED NOT NULL,
    external_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    first_store VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    profiling BOOLEAN NOT NULL,
    marketing BOOLEAN NOT NULL,
    merged_into CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
    forgotten_at DATETIME(6) NULL,
    enrolled_at DATETIME(6) NOT NULL,
    last_sequence INT UNSIGNED NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY by_number (chain_id, number),
    KEY by_merge (merged_into)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE member_numbers (
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    last_number INT UNSIGNED NOT NULL,
    PRIMARY KEY (chain_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- Phone, union id, card. `lookup` is an HMAC under a key of the ring, `encrypted` is under the newest key.
CREATE TABLE member_identities (
    member_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    lookup BINARY(32) NOT NULL,
    encrypted VARBINARY(512) NOT NULL,
    PRIMARY KEY (member_id, kind, lookup)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE member_lookups (
    lookup BINARY(32) NOT NULL,
    member_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    PRIMARY KEY (lookup),
    KEY by_member (member_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- The ledger: one row an order. `paid` only rises and `refunded` only grows, so messages may come in any order.
CREATE TABLE member_purchases (
    member_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    order_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    store_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    business_day DATE NOT NULL,
    currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    total BIGINT NOT NULL,
    paid BOOLEAN NOT NULL,
    refunded BIGINT NOT NULL,
    basket MEDIUMTEXT NOT NULL,
    last_sequence INT UNSIGNED NOT NULL,
    PRIMARY KEY (member_id, order_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- In parts, so that a tag reads only those that it is made from.
CREATE TABLE member_facts (
    member_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    revision INT UNSIGNED NOT NULL,
    days MEDIUMTEXT NOT NULL,
    habits MEDIUMTEXT NOT NULL,
    categories MEDIUMTEXT NOT NULL,
    items MEDIUMTEXT NOT NULL,
    PRIMARY KEY (member_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- `revision` is that of the facts behind it. `changed_at` is set until the change has been announced, `announced` is the
-- value that was announced last and that the bitmaps have. An empty value is none.
CREATE TABLE member_tags (
    member_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    tag VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    value VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    since DATETIME(6) NOT NULL,
    version SMALLINT UNSIGNED NOT NULL,
    revision INT UNSIGNED NOT NULL,
    moves_at DATETIME NULL,
    announced VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    changed_at DATETIME(6) NULL,
    last_sequence INT UNSIGNED NOT NULL,
    PRIMARY KEY (member_id, tag),
    KEY by_move (moves_at),
    KEY by_change (changed_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- Bit n of chunk c: the member with the number 65536 c + n has this value. Compressed (zlib), lowest bit first.
CREATE TABLE tag_bitmaps (
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    tag VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    value VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    chunk SMALLINT UNSIGNED NOT NULL,
    members MEDIUMBLOB NOT NULL,
    PRIMARY KEY (chain_id, tag, value, chunk)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE tag_settings (
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    settings MEDIUMTEXT NOT NULL,
    PRIMARY KEY (chain_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- The model of how a chain's members come back, as it is used; fitted nightly.
CREATE TABLE tag_models (
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    parameters VARCHAR(500) NOT NULL,
    members INT UNSIGNED NOT NULL,
    fitted_at DATETIME(6) NOT NULL,
    PRIMARY KEY (chain_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- The version of each tag that all members have, or get by a backfill that runs.
CREATE TABLE tag_versions (
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    tag VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    version SMALLINT UNSIGNED NOT NULL,
    PRIMARY KEY (chain_id, tag)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE tag_backfills (
    id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    tags VARCHAR(1000) NOT NULL,
    status VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    starts_at DATETIME(6) NOT NULL,
    last_member CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    visited INT UNSIGNED NOT NULL,
    changed INT UNSIGNED NOT NULL,
    ended_at DATETIME(6) NULL,
    PRIMARY KEY (id),
    KEY by_status (status, starts_at),
    KEY by_chain (chain_id, id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- What forgotten members had bought, without them.
CREATE TABLE forgotten_purchases (
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    store_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    business_day DATE NOT NULL,
    currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    purchases INT UNSIGNED NOT NULL,
    amount BIGINT NOT NULL,
    PRIMARY KEY (chain_id, store_id, business_day, currency)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
