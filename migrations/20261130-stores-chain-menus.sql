-- owner: stores
-- run: before deploy
-- Menus of a chain. A version of a layer replaces the version before it from `begins_at` on: a time that has passed, or a
-- planned one. The layers are the chain's menu, and what regions and stores override of it. The versions of one menu share
-- one sequence of numbers. `digest` is the SHA-256 of the body and its kind.

CREATE TABLE chain_menus (
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    menu_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    revision INT UNSIGNED NOT NULL,
    PRIMARY KEY (chain_id, menu_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE menu_versions (
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    menu_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    layer VARCHAR(72) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    version INT UNSIGNED NOT NULL,
    begins_at DATETIME(6) NOT NULL,
    digest CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    body MEDIUMTEXT NOT NULL,
    PRIMARY KEY (chain_id, menu_id, layer, version)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- The menu that the settings name. One statement finds the stores of a menu.
ALTER TABLE stores
    ADD COLUMN menu_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    ADD KEY by_menu (chain_id, menu_id, region_id);

CREATE OR REPLACE VIEW chain_menu_versions AS
SELECT chain_id, menu_id, layer, version, begins_at, digest, body FROM menu_versions;
