-- owner: shared
-- run: before deploy
-- What every concern stands on: the outbox, which is also the record of what happened; API clients; kept replies.

CREATE TABLE messages (
    id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    subject VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    sequence INT UNSIGNED NOT NULL,
    type VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    store_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    occurred_at DATETIME(6) NOT NULL,
    body MEDIUMTEXT NOT NULL,
    leased_until DATETIME(6) NULL,
    sent_at DATETIME(6) NULL,
    PRIMARY KEY (id),
    KEY by_subject (subject, sequence),
    KEY by_sending (sent_at, id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
-- Ids begin with their time, so a month is a range of ids; `python -m ops.migrate` makes the months ahead.
PARTITION BY RANGE COLUMNS (id) (PARTITION later VALUES LESS THAN (MAXVALUE));

CREATE TABLE api_clients (
    id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    name VARCHAR(100) NOT NULL,
    grants JSON NOT NULL,
    requests_per_second INT UNSIGNED NOT NULL,
    created_at DATETIME(6) NOT NULL,
    revoked_at DATETIME(6) NULL,
    PRIMARY KEY (id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE api_client_secrets (
    client_id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    created_at DATETIME(6) NOT NULL,
    expires_at DATETIME(6) NULL,
    encrypted VARBINARY(512) NOT NULL,
    PRIMARY KEY (client_id, created_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- `signature` makes a replayed request find its first reply; `reply` is NULL where the reply is kept with its subject.
CREATE TABLE idempotency_keys (
    client_id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    idempotency_key VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    signature BINARY(32) NOT NULL,
    request_hash BINARY(32) NOT NULL,
    status SMALLINT UNSIGNED NOT NULL DEFAULT 0,
    reply MEDIUMTEXT NULL,
    reply_of VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    created_at DATETIME(6) NOT NULL,
    PRIMARY KEY (client_id, idempotency_key),
    UNIQUE KEY by_signature (client_id, signature),
    KEY by_age (created_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
