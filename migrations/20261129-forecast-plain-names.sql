-- owner: forecast
-- run: before deploy
-- Tables and columns get the names of the glossary: batch, origin, lead model, absolute error, covered.

RENAME TABLE forecast_parts TO forecast_batches;
ALTER TABLE forecast_batches CHANGE part batch INT UNSIGNED NOT NULL;
ALTER TABLE forecast_runs
    CHANGE last_day origin DATE NOT NULL,
    CHANGE parts batches INT UNSIGNED NOT NULL,
    DROP KEY by_evening,
    ADD UNIQUE KEY by_origin (chain_id, origin);
ALTER TABLE forecast_models
    CHANGE part batch INT UNSIGNED NOT NULL,
    DROP KEY by_part,
    ADD KEY by_batch (chain_id, batch, live, id);
ALTER TABLE forecasts
    CHANGE champion lead_model VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    CHANGE words reasons VARCHAR(250) NOT NULL;
ALTER TABLE forecast_scores
    CHANGE miss abs_error BIGINT NOT NULL,
    CHANGE inside covered BOOLEAN NOT NULL;
UPDATE forecast_settings SET settings = REPLACE(settings, '"stores_at_once"', '"stores_per_batch"');
