-- owner: timers
-- run: before deploy
-- What people decided about timers, and what is wrong with them. `timer_settings` has a row for each timer that was ever
-- changed or reported; `sequence` counts its messages. `open` is 1 until an alert ends: the unique key allows one of a kind.

CREATE TABLE timer_settings (
    name VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    paused_at DATETIME(6) NULL,
    paused_by VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    schedule VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NULL,
    changed_at DATETIME(6) NULL,
    changed_by VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    sequence INT UNSIGNED NOT NULL DEFAULT 0,
    PRIMARY KEY (name)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE timer_alerts (
    id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    name VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    began_at DATETIME(6) NOT NULL,
    ended_at DATETIME(6) NULL,
    acts VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    open TINYINT UNSIGNED NULL,
    PRIMARY KEY (id),
    UNIQUE KEY one_of_a_kind (open, name, kind)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- Each timer asks at its begin.
CREATE OR REPLACE VIEW timer_pauses AS SELECT name, paused_at FROM timer_settings WHERE paused_at IS NOT NULL;

-- For the page of alerts.
CREATE OR REPLACE VIEW open_timer_alerts AS
SELECT id, name, kind, began_at, acts FROM timer_alerts WHERE open = 1;
