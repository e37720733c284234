-- owner: sync
-- run: before deploy
-- Records of outside systems that cannot be read: an item, a stock level or a person. A row goes when its record is read.

CREATE TABLE sync_refused_records (
    system_key VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    flow VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    -- As the system names the record; without a name the hash of its content.
    record_key VARCHAR(260) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    detail VARCHAR(500) NOT NULL,
    refused_at DATETIME(6) NOT NULL,
    PRIMARY KEY (system_key, flow, record_key)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
