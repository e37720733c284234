-- owner: stores
-- run: before deploy
-- Items that outside systems took off the own menu of a store. They come back with their options and pictures.

CREATE TABLE store_withdrawn_items (
    store_id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    item_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    body MEDIUMTEXT NOT NULL,
    PRIMARY KEY (store_id, item_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE OR REPLACE VIEW store_withdrawn_records AS SELECT store_id, item_id FROM store_withdrawn_items;
