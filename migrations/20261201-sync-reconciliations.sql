-- owner: sync
-- run: before deploy
-- The results of reconciliations. `report` has the differing cells and documents as JSON, at most 1,000 of each.
CREATE TABLE sync_reconciliations (
    system_key VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    day_from DATE NOT NULL,
    day_until DATE NOT NULL,
    ended_at DATETIME(6) NOT NULL,
    documents INT UNSIGNED NOT NULL,
    cells INT UNSIGNED NOT NULL,
    differing_cells INT UNSIGNED NOT NULL,
    differing_documents INT UNSIGNED NOT NULL,
    gross BIGINT NOT NULL,
    currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    report MEDIUMTEXT NOT NULL,
    -- NULL until the mail left.
    mailed_at DATETIME(6) NULL,
    PRIMARY KEY (system_key, id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
