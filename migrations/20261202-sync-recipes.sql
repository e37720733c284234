-- owner: sync
-- run: before deploy
-- Stock items, units and recipes of a chain, and what its stores record about stock.

-- `conversions` is JSON: how many of the item's unit are in one of another unit.
CREATE TABLE sync_stock_items (
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    item_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    name VARCHAR(200) NOT NULL,
    unit VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    conversions TEXT NOT NULL,
    safety_stock DECIMAL(24, 6) NOT NULL,
    changed_at DATETIME(6) NOT NULL,
    PRIMARY KEY (chain_id, item_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- A unit of a chain is `factor` of its base: kg is 1000 of g.
CREATE TABLE sync_units (
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    unit VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    base VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    factor DECIMAL(24, 6) NOT NULL,
    PRIMARY KEY (chain_id, unit)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- A bill of materials. `code` is an item of the menu, `item/size`, or `option:ID`. `portions` is the yield of the lines.
CREATE TABLE sync_recipes (
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    code VARCHAR(136) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    portions DECIMAL(24, 6) NOT NULL,
    -- JSON: stock item, quantity, unit, and the share of it that preparation leaves, as a decimal.
    ingredients TEXT NOT NULL,
    changed_at DATETIME(6) NOT NULL,
    PRIMARY KEY (chain_id, code)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- `kind` is wastage, count, receipt or transfer. `state` is recorded or cancelled. `reference` is the store's own.
CREATE TABLE sync_stock_records (
    id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    store_id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    to_store VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    day DATE NOT NULL,
    reference VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    note VARCHAR(500) NULL,
    entries MEDIUMTEXT NOT NULL,
    state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    -- The key of the photo in object storage, and its SHA-256.
    photo VARCHAR(200) CHARACTER SET ascii COLLATE ascii_bin NULL,
    photo_hash CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    created_at DATETIME(6) NOT NULL,
    PRIMARY KEY (id),
    KEY by_store (store_id, kind, id),
    KEY by_day (store_id, day)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- For ordering and planning.
CREATE OR REPLACE VIEW stock_item_records AS
SELECT chain_id, item_id, name, unit, conversions, safety_stock FROM sync_stock_items;

CREATE OR REPLACE VIEW recipe_records AS
SELECT chain_id, code, portions, ingredients FROM sync_recipes;
