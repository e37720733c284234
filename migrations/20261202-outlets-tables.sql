-- owner: outlets
-- run: before deploy
-- Outlets that get their orders in a chat: rules, chats, robots, people, and the notices and messages to them.
-- `store_id` is `chain:store`, and `robot_key` is `chain:robot`.

CREATE TABLE outlet_chains (
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    settings TEXT NOT NULL,
    revision INT UNSIGNED NOT NULL,
    PRIMARY KEY (chain_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE outlets (
    store_id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    settings TEXT NOT NULL,
    enabled TINYINT UNSIGNED NOT NULL,
    revision INT UNSIGNED NOT NULL,
    PRIMARY KEY (store_id),
    KEY by_chain (chain_id, store_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE outlet_robots (
    robot_key VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    kind VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    settings TEXT NOT NULL,
    -- Fernet, under the keyring. Written once, and never shown.
    credentials VARBINARY(8192) NOT NULL,
    enabled TINYINT UNSIGNED NOT NULL,
    revision INT UNSIGNED NOT NULL,
    sequence INT UNSIGNED NOT NULL DEFAULT 0,
    -- The service asked to wait: nothing is sent before.
    not_before DATETIME(6) NULL,
    -- `working`, or `failing` since `failing_since`, with the service's code.
    state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    failure VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    failing_since DATETIME(6) NULL,
    looked_at DATETIME(6) NULL,
    -- The access token of the service, encrypted. One worker fetches it, under a lease.
    token VARBINARY(4096) NULL,
    token_until DATETIME(6) NULL,
    leased_until DATETIME(6) NULL,
    PRIMARY KEY (robot_key),
    KEY by_chain (chain_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE outlet_chats (
    store_id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    place TINYINT UNSIGNED NOT NULL,
    robot_key VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    address VARCHAR(255) COLLATE utf8mb4_bin NOT NULL,
    -- `alive`, or `dead` since `failing_since`.
    state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    failure VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    failing_since DATETIME(6) NULL,
    looked_at DATETIME(6) NULL,
    PRIMARY KEY (store_id, place),
    KEY by_address (robot_key, address)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE outlet_people (
    person_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    -- Without one the person is of the whole chain.
    store_id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NULL,
    name VARCHAR(80) COLLATE utf8mb4_bin NOT NULL,
    role VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    robot_key VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    address VARCHAR(255) COLLATE utf8mb4_bin NOT NULL,
    -- On call on these days, both included, by the outlet's clock.
    first_day DATE NULL,
    last_day DATE NULL,
    PRIMARY KEY (person_id),
    KEY by_chain (chain_id, role)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE outlet_notices (
    notice_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    store_id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    order_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    version INT UNSIGNED NOT NULL,
    state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    -- What said so: `press`, `page`, `order`, `rule`, `receipt` or `reply`.
    evidence VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    language VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    -- The part of the order that is shown. It goes when the guest is forgotten.
    document MEDIUMTEXT NOT NULL,
    created_at DATETIME(6) NOT NULL,
    limit_at DATETIME(6) NOT NULL,
    sent_at DATETIME(6) NULL,
    delivered_at DATETIME(6) NULL,
    read_at DATETIME(6) NULL,
    ended_at DATETIME(6) NULL,
    ready_minutes INT UNSIGNED NULL,
    reason VARCHAR(200) COLLATE utf8mb4_bin NULL,
    answered_by VARCHAR(200) COLLATE utf8mb4_bin NULL,
    sequence INT UNSIGNED NOT NULL DEFAULT 0,
    PRIMARY KEY (notice_id),
    UNIQUE KEY by_order (order_id, version),
    KEY by_state (chain_id, state, notice_id),
    KEY by_store (store_id, notice_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE outlet_steps (
    notice_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    step TINYINT UNSIGNED NOT NULL,
    action VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    due_at DATETIME(6) NOT NULL,
    -- `due`, `done`, or `ended` by the answer.
    state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    done_at DATETIME(6) NULL,
    PRIMARY KEY (notice_id, step),
    KEY by_due (state, due_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE outlet_messages (
    message_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    store_id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    -- The notice, announcement or alert; with the store, the step and the place of the chat it is unique.
    source_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    step TINYINT UNSIGNED NOT NULL,
    place TINYINT UNSIGNED NOT NULL,
    robot_key VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    address VARCHAR(255) COLLATE utf8mb4_bin NOT NULL,
    language VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    -- The card; NULL where it is made of the notice or the announcement.
    card TEXT NULL,
    -- 0: an order. 1: an announcement.
    priority TINYINT UNSIGNED NOT NULL,
    state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    due_at DATETIME(6) NOT NULL,
    attempts INT UNSIGNED NOT NULL DEFAULT 0,
    again TINYINT UNSIGNED NOT NULL DEFAULT 0,
    claim_token BIGINT UNSIGNED NULL,
    leased_until DATETIME(6) NULL,
    -- The id that the service gave.
    external_id VARCHAR(191) COLLATE utf8mb4_bin NULL,
    failure VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    detail VARCHAR(200) COLLATE utf8mb4_bin NULL,
    sent_at DATETIME(6) NULL,
    delivered_at DATETIME(6) NULL,
    read_at DATETIME(6) NULL,
    PRIMARY KEY (message_id),
    UNIQUE KEY by_source (source_id, store_id, step, place),
    KEY by_due (state, robot_key, priority, due_at),
    KEY by_store (store_id, state),
    KEY by_external (robot_key, external_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- A sliding window of N messages is N rows. A message takes the row that was used longest ago.
CREATE TABLE outlet_slots (
    slot_key VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    number SMALLINT UNSIGNED NOT NULL,
    used_at DATETIME(6) NOT NULL,
    claim_token BIGINT UNSIGNED NOT NULL DEFAULT 0,
    PRIMARY KEY (slot_key, number),
    KEY by_token (claim_token)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE outlet_announcements (
    announcement_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    -- Texts by language, attachments, and the outlets that get it.
    content MEDIUMTEXT NOT NULL,
    state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    starts_at DATETIME(6) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    created_by VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    revision INT UNSIGNED NOT NULL,
    -- The outlets up to this one have their message.
    queued_to VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    PRIMARY KEY (announcement_id),
    KEY by_chain (chain_id, announcement_id),
    KEY by_start (state, starts_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- Callbacks come more than once.
CREATE TABLE outlet_events (
    robot_key VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    event_hash BINARY(32) NOT NULL,
    heard_at DATETIME(6) NOT NULL,
    PRIMARY KEY (robot_key, event_hash),
    KEY by_age (heard_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- What is wrong, told to the operations chat in groups.
CREATE TABLE outlet_alerts (
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    kind VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    subject VARCHAR(300) COLLATE utf8mb4_bin NOT NULL,
    detail VARCHAR(200) COLLATE utf8mb4_bin NOT NULL,
    began_at DATETIME(6) NOT NULL,
    ended_at DATETIME(6) NULL,
    -- Whether the begin, and the end, were told.
    told TINYINT UNSIGNED NOT NULL,
    PRIMARY KEY (chain_id, kind, subject),
    KEY by_told (told, chain_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
