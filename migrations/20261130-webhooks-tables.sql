-- owner: webhooks
-- run: before deploy
-- Endpoints of integrators, their signing secrets, and one delivery for an endpoint and a message. A delivery has no copy
-- of the message: a message that loses a guest loses the guest in its deliveries, too.

CREATE TABLE webhook_endpoints (
    id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    stores JSON NOT NULL,
    url VARCHAR(1000) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    types JSON NOT NULL,
    description VARCHAR(200) NOT NULL,
    guest TINYINT UNSIGNED NOT NULL,
    status VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    reason VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    created_at DATETIME(6) NOT NULL,
    hears_from DATETIME(6) NOT NULL,
    failing_since DATETIME(6) NULL,
    failures INT UNSIGNED NOT NULL DEFAULT 0,
    paused_until DATETIME(6) NULL,
    revision INT UNSIGNED NOT NULL DEFAULT 1,
    sequence INT UNSIGNED NOT NULL DEFAULT 0,
    PRIMARY KEY (id),
    KEY by_chain (chain_id, status)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE webhook_secrets (
    endpoint_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    created_at DATETIME(6) NOT NULL,
    expires_at DATETIME(6) NULL,
    encrypted VARBINARY(512) NOT NULL,
    PRIMARY KEY (endpoint_id, created_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- `by_order`: the messages of one subject wait for each other. `by_due`: the timer asks for each endpoint apart.
CREATE TABLE webhook_deliveries (
    endpoint_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    message_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    subject VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    sequence INT UNSIGNED NOT NULL,
    type VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    next_at DATETIME(6) NOT NULL,
    attempts INT UNSIGNED NOT NULL DEFAULT 0,
    first_tried_at DATETIME(6) NULL,
    last_tried_at DATETIME(6) NULL,
    http_status SMALLINT UNSIGNED NULL,
    error VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    delivered_at DATETIME(6) NULL,
    claim_token BIGINT UNSIGNED NULL,
    leased_until DATETIME(6) NULL,
    PRIMARY KEY (endpoint_id, message_id),
    KEY by_order (endpoint_id, subject, sequence),
    KEY by_due (state, endpoint_id, next_at),
    KEY by_state (endpoint_id, state, message_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
