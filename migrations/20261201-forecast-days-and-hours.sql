-- owner: forecast
-- run: before deploy
-- Two views for pages that show a chain's forecast beside its takings, and the index that finds the forecasts of a day.

ALTER TABLE forecasts ADD KEY by_day (chain_id, day, origin);

CREATE OR REPLACE VIEW forecast_days AS
SELECT chain_id, day, origin, store_id, mean, p10, p50, p90 FROM forecasts;

-- An hour is by the store's clock.
CREATE OR REPLACE VIEW forecast_hours AS
SELECT f.chain_id, f.day, f.origin, f.store_id, FLOOR(p.half_hour / 2) AS hour, f.mean * p.share AS revenue,
    f.mean * p.orders_per_amount * p.share AS orders
FROM forecasts f JOIN forecast_half_hour_profiles p ON p.store_id = f.store_id AND p.weekday = WEEKDAY(f.day)
WHERE f.mean > 0;
