-- owner: timers
-- run: before deploy
-- Jobs that people plan. `begins_at` is the time on the wall in `zone`. `next_at` is the next occurrence, `open_until` the
-- end of an occurrence that has begun, and `due_at` the earlier of the two; all three by UTC. `job_runs` has a row for each
-- occurrence and phase, so that none works twice.

CREATE TABLE jobs (
    id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    title VARCHAR(100) NOT NULL,
    action VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    details JSON NOT NULL,
    stores JSON NOT NULL,
    zone VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    begins_at DATETIME NOT NULL,
    recurrence JSON NULL,
    lasts_minutes INT UNSIGNED NULL,
    status VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    next_at DATETIME(6) NULL,
    open_until DATETIME(6) NULL,
    due_at DATETIME(6) NULL,
    revision INT UNSIGNED NOT NULL DEFAULT 1,
    sequence INT UNSIGNED NOT NULL DEFAULT 0,
    created_at DATETIME(6) NOT NULL,
    created_by VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    changed_at DATETIME(6) NOT NULL,
    changed_by VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    PRIMARY KEY (id),
    KEY by_chain (chain_id, id),
    KEY by_status (chain_id, status, id),
    KEY by_due (due_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE job_runs (
    job_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    occurs_at DATETIME(6) NOT NULL,
    phase VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    ran_at DATETIME(6) NOT NULL,
    outcome VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    error VARCHAR(500) NULL,
    PRIMARY KEY (job_id, occurs_at, phase)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE announcements (
    id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    job_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    stores JSON NOT NULL,
    text VARCHAR(500) NOT NULL,
    begins_at DATETIME(6) NOT NULL,
    ends_at DATETIME(6) NOT NULL,
    PRIMARY KEY (id),
    KEY by_end (chain_id, ends_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
