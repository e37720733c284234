-- owner: outlets
-- run: before deploy
-- What outlets ask for in their chats, each confirmed by a link; and the pauses of outlets.

CREATE TABLE outlet_requests (
    request_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    store_id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    -- `sold_out`, `closed` or `resume`.
    kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    -- The item's id and name, or the day.
    subject VARCHAR(64) COLLATE utf8mb4_bin NOT NULL,
    title VARCHAR(200) COLLATE utf8mb4_bin NOT NULL,
    language VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    asked_by VARCHAR(200) COLLATE utf8mb4_bin NOT NULL,
    confirmed_at DATETIME(6) NULL,
    PRIMARY KEY (request_id),
    KEY by_store (store_id, request_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

ALTER TABLE outlets
    ADD COLUMN paused_until DATETIME(6) NULL,
    ADD COLUMN pause_sequence INT UNSIGNED NOT NULL DEFAULT 0;
