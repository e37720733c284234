-- owner: forecast
-- run: before deploy
-- Each total of past days beside the revenue of these days, in minor units; the store `*` is all stores of the chain.

CREATE TABLE forecast_total_scores (
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    last_day DATE NOT NULL,
    days INT UNSIGNED NOT NULL,
    store_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    mean BIGINT NOT NULL,
    revenue BIGINT NOT NULL,
    covered BOOLEAN NOT NULL,
    PRIMARY KEY (chain_id, last_day, days, store_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
