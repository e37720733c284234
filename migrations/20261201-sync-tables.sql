-- owner: sync
-- run: before deploy
-- Outside systems of a chain, the flows between them and us, codes, and one row for each document that was or will be sent.
-- `system_key` is `chain:system`.

CREATE TABLE sync_systems (
    system_key VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    url VARCHAR(1000) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    settings TEXT NOT NULL,
    -- Fernet, under the keyring. Written once, and never shown.
    credentials VARBINARY(8192) NOT NULL,
    enabled TINYINT UNSIGNED NOT NULL,
    revision INT UNSIGNED NOT NULL,
    sequence INT UNSIGNED NOT NULL DEFAULT 0,
    created_at DATETIME(6) NOT NULL,
    -- The circuit breaker: failures in a row, and the time until which nothing is sent.
    failures INT UNSIGNED NOT NULL DEFAULT 0,
    failure VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    open_until DATETIME(6) NULL,
    -- One writer for each system: the worker with this token alone sends documents.
    writer_token BIGINT UNSIGNED NULL,
    writer_until DATETIME(6) NULL,
    PRIMARY KEY (system_key),
    KEY by_chain (chain_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE sync_flows (
    system_key VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    flow VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    enabled TINYINT UNSIGNED NOT NULL,
    settings TEXT NOT NULL,
    revision INT UNSIGNED NOT NULL,
    -- The checkpoint: all before it was read and is in the ledger.
    position VARCHAR(200) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    began_at DATETIME(6) NULL,
    ended_at DATETIME(6) NULL,
    outcome VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    rows_read BIGINT UNSIGNED NOT NULL DEFAULT 0,
    rows_changed BIGINT UNSIGNED NOT NULL DEFAULT 0,
    run_token BIGINT UNSIGNED NULL,
    run_until DATETIME(6) NULL,
    PRIMARY KEY (system_key, flow),
    KEY by_flow (flow, enabled)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE sync_codes (
    system_key VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    code VARCHAR(130) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    target_code VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    PRIMARY KEY (system_key, kind, code),
    KEY by_target (system_key, kind, target_code)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- The ledger. `goal` is post or cancel; `state` is how far that is. `payload` is kept until the document is posted.
CREATE TABLE sync_documents (
    system_key VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    flow VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    source_key CHAR(27) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    revision INT UNSIGNED NOT NULL,
    group_key VARCHAR(160) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    store_id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    day DATE NOT NULL,
    goal VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    state VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    cause VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NULL,
    reason VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    detail VARCHAR(500) NULL,
    payload_hash BINARY(32) NOT NULL,
    payload MEDIUMTEXT NULL,
    target_id VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    target_number VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NULL,
    net BIGINT NOT NULL,
    tax BIGINT NOT NULL,
    gross BIGINT NOT NULL,
    attempts INT UNSIGNED NOT NULL DEFAULT 0,
    next_at DATETIME(6) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    done_at DATETIME(6) NULL,
    claim_token BIGINT UNSIGNED NULL,
    leased_until DATETIME(6) NULL,
    PRIMARY KEY (system_key, source_key, revision),
    KEY by_due (system_key, state, next_at),
    KEY by_group (system_key, group_key),
    KEY by_flow (system_key, flow, state, cause, reason),
    KEY by_day (system_key, store_id, day)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- Business days of a store that a flow must look at (again) when they are over.
CREATE TABLE sync_days (
    system_key VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    flow VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    store_id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    day DATE NOT NULL,
    due_at DATETIME(6) NOT NULL,
    marks INT UNSIGNED NOT NULL,
    PRIMARY KEY (system_key, flow, store_id, day),
    KEY by_due (system_key, flow, due_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
