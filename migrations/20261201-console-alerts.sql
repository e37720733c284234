-- owner: console
-- run: before deploy
-- Alerts that a message opened, and that wait for a person. Alerts of printers, agents, jobs and timers are read where they
-- are stored.

CREATE TABLE alerts (
    id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    store_id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NULL,
    kind VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    subject VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    since DATETIME(6) NOT NULL,
    -- The number of the message that set this state. An older message changes nothing.
    sequence INT UNSIGNED NOT NULL,
    facts TEXT NOT NULL,
    resolved_at DATETIME(6) NULL,
    resolved_by VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    remark VARCHAR(200) NULL,
    PRIMARY KEY (id),
    UNIQUE KEY by_subject (chain_id, kind, subject),
    KEY by_opening (chain_id, resolved_at, since)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
