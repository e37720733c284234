-- owner: printing
-- run: before deploy
-- How stores print, the agents in them, their printers, and the jobs: one ticket for one printer each.

CREATE TABLE print_stores (
    store_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    revision BIGINT UNSIGNED NOT NULL,
    routing MEDIUMTEXT NOT NULL,
    -- Of several agents the one that prints.
    printing_agent VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    PRIMARY KEY (store_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE print_enrolments (
    code_hash BINARY(32) NOT NULL,
    store_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    made_by VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    made_at DATETIME(6) NOT NULL,
    expires_at DATETIME(6) NOT NULL,
    used_at DATETIME(6) NULL,
    key_hash BINARY(32) NULL,
    agent_id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    PRIMARY KEY (code_hash),
    KEY by_store (store_id, made_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE print_agents (
    id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    store_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    name VARCHAR(64) NOT NULL,
    encrypted VARBINARY(512) NOT NULL,
    enrolled_at DATETIME(6) NOT NULL,
    revoked_at DATETIME(6) NULL,
    -- The newest connection that was welcomed; NULL once it is known to be closed.
    connection_id VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NULL,
    connected_at DATETIME(6) NULL,
    seen_at DATETIME(6) NULL,
    -- From when on it counts as off line, should nothing more be heard of it.
    silent_at DATETIME(6) NULL,
    -- When it was told to be off line; NULL while it is not.
    offline_at DATETIME(6) NULL,
    journal VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    capabilities VARCHAR(1200) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
    version VARCHAR(64) NOT NULL DEFAULT '',
    platform VARCHAR(128) NOT NULL DEFAULT '',
    -- Whether it begins nothing without leave.
    confirms BOOLEAN NOT NULL DEFAULT FALSE,
    last_sequence INT UNSIGNED NOT NULL DEFAULT 0,
    PRIMARY KEY (id),
    KEY by_store (store_id, id),
    KEY by_silence (offline_at, silent_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE print_connections (
    id VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    agent_id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    opened_at DATETIME(6) NOT NULL,
    PRIMARY KEY (id),
    KEY by_agent (agent_id),
    KEY by_age (opened_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE print_nonces (
    agent_id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    nonce VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    used_at DATETIME(6) NOT NULL,
    PRIMARY KEY (agent_id, nonce),
    KEY by_age (used_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE print_printers (
    store_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    profile MEDIUMTEXT NOT NULL,
    -- Where its jobs go when it cannot print.
    backup VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    last_seq BIGINT UNSIGNED NOT NULL DEFAULT 0,
    -- What its agent said last; `state` is NULL before the first word.
    agent_id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,
    paper VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NULL,
    cover VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NULL,
    error VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,
    proof VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NULL,
    said_at DATETIME(6) NULL,
    changed_at DATETIME(6) NULL,
    PRIMARY KEY (store_id, id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- One order, one set of jobs: what was made of it, and whether it was called off, whichever was heard of first.
CREATE TABLE print_orders (
    order_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    store_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    tickets_at DATETIME(6) NULL,
    receipts_at DATETIME(6) NULL,
    cancelled_at DATETIME(6) NULL,
    reason VARCHAR(200) NULL,
    PRIMARY KEY (order_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE print_jobs (
    store_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    order_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
    kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    station VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    printer VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    seq BIGINT UNSIGNED NOT NULL,
    -- The seq of the job that was sent before it to this printer.
    after_seq BIGINT UNSIGNED NULL,
    state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    agent_id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    attempts INT UNSIGNED NOT NULL DEFAULT 0,
    queued_at DATETIME(6) NOT NULL,
    sent_at DATETIME(6) NULL,
    received_at DATETIME(6) NULL,
    begun_at DATETIME(6) NULL,
    ended_at DATETIME(6) NULL,
    deadline DATETIME(6) NOT NULL,
    -- When somebody has to look at it next; NULL when it has ended.
    due_at DATETIME(6) NULL,
    held VARCHAR(64) NULL,
    evidence CHAR(1) CHARACTER SET ascii COLLATE ascii_bin NULL,
    code VARCHAR(64) NULL,
    copies INT UNSIGNED NULL,
    withdrawn VARCHAR(64) NULL,
    -- Why a person has to look at it; NULL once one has, or it printed after all.
    attention VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,
    attention_at DATETIME(6) NULL,
    resolution VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,
    resolved_by VARCHAR(64) NULL,
    resolved_at DATETIME(6) NULL,
    -- The first job of this ticket, itself for a first print; `reprint` counts from 1.
    original_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    reprint INT UNSIGNED NOT NULL DEFAULT 0,
    moved_from CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
    last_sequence INT UNSIGNED NOT NULL,
    ticket MEDIUMTEXT NOT NULL,
    PRIMARY KEY (store_id, id),
    UNIQUE KEY by_seq (store_id, printer, seq),
    KEY by_state (store_id, printer, state, seq),
    KEY by_order (order_id, id),
    KEY by_original (store_id, original_id),
    KEY by_due (due_at),
    KEY by_attention (attention, store_id, id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
