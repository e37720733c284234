-- owner: shared
-- run: before deploy
-- One row a run of a timer, from its begin on. `busy` is set until the run ends: 0 where a timer has one run at a time, a
-- number of the run's own where runs may overlap. So the unique key lets one run of a timer begin, and finds those without
-- an end. `failures` counts the runs in a row that did not succeed.

CREATE TABLE timer_run_log (
    id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    name VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    began_at DATETIME(6) NOT NULL,
    must_end_by DATETIME(6) NOT NULL,
    ended_at DATETIME(6) NULL,
    outcome VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    cause VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    asked_by VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    request VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    error VARCHAR(500) NULL,
    busy INT UNSIGNED NULL,
    PRIMARY KEY (id),
    UNIQUE KEY one_at_once (busy, name),
    KEY by_name (name, id, cause),
    KEY by_outcome (name, outcome, id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

ALTER TABLE timer_runs ADD COLUMN failures INT UNSIGNED NOT NULL DEFAULT 0;
