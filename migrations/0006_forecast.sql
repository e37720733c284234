-- owner: forecast
-- run: before deploy
-- Revenue by store and day with where it is from, what people know of days to come, nightly runs with their model
-- sets, forecasts by the day they were made, and what came of them. Amounts are in the currency's minor unit.

CREATE TABLE forecast_settings (
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    settings MEDIUMTEXT NOT NULL,
    PRIMARY KEY (chain_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- What was imported stands above what orders say of the same day.
CREATE TABLE forecast_history (
    store_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    day DATE NOT NULL,
    source VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    revenue BIGINT NOT NULL,
    PRIMARY KEY (store_id, day, source),
    KEY by_chain (chain_id, day)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- `source` is the import or the run that mended it; no day: all of the store's days.
CREATE TABLE forecast_corrections (
    source CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    number INT UNSIGNED NOT NULL,
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    store_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    day DATE NULL,
    reason VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    was VARCHAR(64) NOT NULL,
    became VARCHAR(64) NOT NULL,
    PRIMARY KEY (source, number),
    KEY by_chain (chain_id, source)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- Closures, promotions, events, and openings on days that are usually closed; no store: all of the chain's.
CREATE TABLE forecast_plans (
    id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    store_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    first_day DATE NOT NULL,
    last_day DATE NOT NULL,
    note VARCHAR(200) NOT NULL,
    PRIMARY KEY (id),
    KEY by_chain (chain_id, last_day)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- One a chain and evening; `drifted` asks for a full training at the next one.
CREATE TABLE forecast_runs (
    id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    last_day DATE NOT NULL,
    parts INT UNSIGNED NOT NULL,
    last_sequence INT UNSIGNED NOT NULL,
    drifted BOOLEAN NOT NULL,
    begun_at DATETIME(6) NOT NULL,
    ended_at DATETIME(6) NULL,
    PRIMARY KEY (id),
    UNIQUE KEY by_evening (chain_id, last_day)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- So many stores as one invocation can train; model set, snapshot and code make the part's forecasts again.
CREATE TABLE forecast_parts (
    run_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    part INT UNSIGNED NOT NULL,
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    stores MEDIUMTEXT NOT NULL,
    status VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    model_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
    snapshot CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    code_version CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    forecast_hash CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    report MEDIUMTEXT NULL,
    PRIMARY KEY (run_id, part)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE forecast_models (
    id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    part INT UNSIGNED NOT NULL,
    trained_to DATE NOT NULL,
    refreshed_to DATE NOT NULL,
    data_hash CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    code_version CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    parameters MEDIUMTEXT NOT NULL,
    scores MEDIUMTEXT NOT NULL,
    object_key VARCHAR(200) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    live BOOLEAN NOT NULL,
    PRIMARY KEY (id),
    KEY by_part (chain_id, part, live, id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE forecasts (
    store_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    day DATE NOT NULL,
    origin DATE NOT NULL,
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    model_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    mean BIGINT NOT NULL,
    p10 BIGINT NOT NULL,
    p50 BIGINT NOT NULL,
    p90 BIGINT NOT NULL,
    champion VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    words VARCHAR(250) NOT NULL,
    drivers MEDIUMTEXT NOT NULL,
    PRIMARY KEY (store_id, day, origin),
    KEY by_origin (chain_id, origin, store_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE forecast_scores (
    store_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    day DATE NOT NULL,
    origin DATE NOT NULL,
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    model_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    horizon INT NOT NULL,
    revenue BIGINT NOT NULL,
    miss BIGINT NOT NULL,
    inside BOOLEAN NOT NULL,
    PRIMARY KEY (store_id, day, origin),
    KEY by_chain (chain_id, day)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
