-- owner: orders
-- run: before deploy
-- What a store was before each of its changes, so that a sale that comes late is judged by what held when it was made. Of
-- a version only what the change replaced is kept; what is NULL was as in the next one. None is kept for long.

-- NULL: since before this was kept.
ALTER TABLE stores ADD COLUMN changed_at DATETIME(6) NULL;

-- owner: stores
CREATE TABLE store_versions (
    store_id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    revision BIGINT UNSIGNED NOT NULL,
    held_from DATETIME(6) NULL,
    held_until DATETIME(6) NOT NULL,
    settings MEDIUMTEXT NULL,
    -- JSON `null`: the store had none.
    opening_hours MEDIUMTEXT NULL,
    menu MEDIUMTEXT NULL,
    sold_out MEDIUMTEXT NULL,
    PRIMARY KEY (store_id, revision),
    KEY by_time (store_id, held_until)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
