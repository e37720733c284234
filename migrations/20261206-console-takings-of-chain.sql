-- owner: console
-- run: before deploy
-- Sums of a whole chain by hour, so that the first page adds up no rows of 10,000 stores.

CREATE TABLE takings_chain_hours (
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    business_day DATE NOT NULL,
    currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    hour TINYINT UNSIGNED NOT NULL,
    orders INT NOT NULL,
    revenue BIGINT NOT NULL,
    PRIMARY KEY (chain_id, business_day, currency, hour)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

INSERT INTO takings_chain_hours (chain_id, business_day, currency, hour, orders, revenue)
SELECT chain_id, business_day, currency, hour, SUM(orders), SUM(revenue) FROM takings_hours
GROUP BY chain_id, business_day, currency, hour;
