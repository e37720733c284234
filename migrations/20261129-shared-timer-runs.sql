-- owner: shared
-- run: before deploy
-- The last run of each timer, by the name of its function. The watcher reads it: CloudWatch charges for each look at a metric.

CREATE TABLE timer_runs (
    name VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    ran_at DATETIME(6) NOT NULL,
    PRIMARY KEY (name)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
