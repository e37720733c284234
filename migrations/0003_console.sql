-- owner: console
-- run: before deploy
-- Takings of each store and business day, for the page at head office.

CREATE TABLE takings (
    store_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    business_day DATE NOT NULL,
    entry VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    amount BIGINT NOT NULL,
    PRIMARY KEY (store_id, business_day, entry),
    KEY by_chain (chain_id, business_day)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
