-- owner: delivery
-- run: before deploy
-- Browsers that are woken by web push. `pushed_seq` is the number of the inbox that a browser was last told. The one row
-- of `push_servers` is the key with which each push is signed.

CREATE TABLE inbox_devices (
    id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    recipient VARCHAR(160) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    client_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    endpoint_hash BINARY(32) NOT NULL,
    subscription_encrypted VARBINARY(4096) NOT NULL,
    pushed_seq BIGINT UNSIGNED NOT NULL,
    failures INT UNSIGNED NOT NULL DEFAULT 0,
    quiet_until DATETIME(6) NOT NULL,
    seen_at DATETIME(6) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY by_browser (endpoint_hash, recipient),
    KEY by_client (client_id, seen_at),
    KEY by_age (seen_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE push_servers (
    id TINYINT UNSIGNED NOT NULL,
    key_encrypted VARBINARY(255) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    PRIMARY KEY (id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
