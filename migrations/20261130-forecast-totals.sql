-- owner: forecast
-- run: before deploy
-- The expected revenue of the next 7 and 30 days with its interval, in minor units: a row for each store, and one for
-- all stores of a batch under the store `*`. `stores` is the number of stores in the total.

CREATE TABLE forecast_totals (
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    origin DATE NOT NULL,
    store_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    batch INT UNSIGNED NOT NULL,
    days INT UNSIGNED NOT NULL,
    stores INT UNSIGNED NOT NULL,
    mean BIGINT NOT NULL,
    p10 BIGINT NOT NULL,
    p50 BIGINT NOT NULL,
    p90 BIGINT NOT NULL,
    PRIMARY KEY (chain_id, origin, store_id, batch, days)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
