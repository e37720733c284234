-- owner: forecast
-- run: before deploy
-- Weather by store and day as people entered it, under the names of columns known in advance; store `*`: all of the
-- chain's. No value: what was said before is taken back.

CREATE TABLE forecast_weather (
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    name VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    store_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    day DATE NOT NULL,
    value DOUBLE NULL,
    PRIMARY KEY (chain_id, name, store_id, day)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
