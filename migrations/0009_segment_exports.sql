-- owner: members
-- run: before deploy
-- Files of whole segments: what has been asked for, and how far each is. `parts` are the entity tags of the parts that
-- object storage has; whoever works on an export has it until `leased_until`.

CREATE TABLE segment_exports (
    id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    expression VARCHAR(1000) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    format VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    status VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    leased_until DATETIME(6) NOT NULL,
    begun SMALLINT UNSIGNED NOT NULL,
    upload VARCHAR(1024) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    parts MEDIUMTEXT NOT NULL,
    last_number BIGINT NOT NULL,
    members INT UNSIGNED NOT NULL,
    bytes BIGINT UNSIGNED NOT NULL,
    ended_at DATETIME(6) NULL,
    PRIMARY KEY (id),
    KEY by_status (status, leased_until)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
