-- owner: stores
-- run: before deploy
-- The last message of an outside system that a menu has taken, and items that the system withdrew from it.

CREATE TABLE menu_source_marks (
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    menu_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    source VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    sequence INT UNSIGNED NOT NULL,
    PRIMARY KEY (chain_id, menu_id, source)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- The item as it was on the menu: it comes back with its options and pictures.
CREATE TABLE menu_withdrawn_items (
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    menu_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    item_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    body MEDIUMTEXT NOT NULL,
    PRIMARY KEY (chain_id, menu_id, item_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
