-- owner: forecast
-- run: before deploy
-- Sales of past days by half-hour and item, the profiles that are made of them, and two views: forecasts by half-hour and by
-- item. A half-hour is counted from midnight by the store's clock. One after midnight can belong to the business day before.

CREATE TABLE forecast_day_sales (
    store_id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    day DATE NOT NULL,
    orders INT UNSIGNED NOT NULL,
    revenue BIGINT NOT NULL,
    -- {"24": orders} by half-hour.
    half_hours TEXT NOT NULL,
    -- {"latte": [units, sum of the squared units of each order]} by item.
    items MEDIUMTEXT NOT NULL,
    PRIMARY KEY (store_id, day)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE forecast_half_hour_profiles (
    store_id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    weekday TINYINT UNSIGNED NOT NULL,
    half_hour TINYINT UNSIGNED NOT NULL,
    -- Of the orders of the day.
    share DOUBLE NOT NULL,
    -- Orders of the store for each minor unit of revenue.
    orders_per_amount DOUBLE NOT NULL,
    PRIMARY KEY (store_id, weekday, half_hour)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE forecast_item_profiles (
    store_id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    item VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    -- Units for each minor unit of revenue.
    units_per_amount DOUBLE NOT NULL,
    -- Sum of squared units of an order, by units: 1 if each order has one unit.
    units_per_sale DOUBLE NOT NULL,
    orders_per_amount DOUBLE NOT NULL,
    PRIMARY KEY (store_id, item)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- The variance is that of a count, and that of the day: its band without the noise of its own number of orders. The quantiles
-- are those of a normal distribution with a correction for skewness (Cornish and Fisher 1938); 2.563 and 1.2816 are normal.
CREATE OR REPLACE VIEW forecast_half_hours AS
SELECT store_id, chain_id, day, origin, half_hour, revenue, orders, variance,
    GREATEST(0, ROUND(orders - 1.2816 * SQRT(variance) + 0.1071 * (2 * variance / orders - 1))) AS p10,
    GREATEST(0, ROUND(orders - (2 * variance / orders - 1) / 6)) AS p50,
    GREATEST(0, ROUND(orders + 1.2816 * SQRT(variance) + 0.1071 * (2 * variance / orders - 1))) AS p90
FROM (
    SELECT store_id, chain_id, day, origin, half_hour, revenue, orders, orders + orders * orders * GREATEST(0,
        COALESCE(POW((day_p90 - day_p10) / 2.563 / NULLIF(day_p50, 0), 2), 0) - 1 / day_orders) AS variance
    FROM (
        SELECT f.store_id, f.chain_id, f.day, f.origin, p.half_hour, CAST(ROUND(f.mean * p.share) AS SIGNED) AS revenue,
            f.mean * p.orders_per_amount * p.share AS orders, f.mean * p.orders_per_amount AS day_orders,
            f.p10 AS day_p10, f.p50 AS day_p50, f.p90 AS day_p90
        FROM forecasts f
        JOIN forecast_half_hour_profiles p ON p.store_id = f.store_id AND p.weekday = WEEKDAY(f.day)
        WHERE f.mean > 0
    ) AS expected
) AS expected_with_variance;

CREATE OR REPLACE VIEW forecast_items AS
SELECT store_id, chain_id, day, origin, item, units, variance,
    GREATEST(0, ROUND(units - 1.2816 * SQRT(variance) + 0.1071 * (2 * variance / units - units_per_sale))) AS p10,
    GREATEST(0, ROUND(units - (2 * variance / units - units_per_sale) / 6)) AS p50,
    GREATEST(0, ROUND(units + 1.2816 * SQRT(variance) + 0.1071 * (2 * variance / units - units_per_sale))) AS p90
FROM (
    SELECT store_id, chain_id, day, origin, item, units, units_per_sale, units_per_sale * units + units * units * GREATEST(0,
        COALESCE(POW((day_p90 - day_p10) / 2.563 / NULLIF(day_p50, 0), 2), 0) - 1 / day_orders) AS variance
    FROM (
        SELECT f.store_id, f.chain_id, f.day, f.origin, p.item, f.mean * p.units_per_amount AS units, p.units_per_sale,
            f.mean * p.orders_per_amount AS day_orders, f.p10 AS day_p10, f.p50 AS day_p50, f.p90 AS day_p90
        FROM forecasts f JOIN forecast_item_profiles p ON p.store_id = f.store_id
        WHERE f.mean > 0
    ) AS expected
) AS expected_with_variance;
