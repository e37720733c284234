-- owner: outlets
-- run: before deploy
-- Pushes to guests: rules, guests at a service, the ledger of their consents, and one row for each push.

CREATE TABLE guest_rules (
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    rule_id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    robot_key VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    cause VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    -- The template with its fields, the caps and the quiet hours.
    settings TEXT NOT NULL,
    revision INT UNSIGNED NOT NULL,
    PRIMARY KEY (chain_id, rule_id),
    KEY by_robot (robot_key)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE guest_contacts (
    contact_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    robot_key VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    -- The guest's name at the service; of a browser the hash of its address.
    address VARCHAR(191) COLLATE utf8mb4_bin NOT NULL,
    -- The hash of the guest's name in a mini-program, as the numbers of its orders have it.
    guest_hash CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,
    member_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
    -- Fernet, under the keyring: the address and keys of a browser.
    subscription VARBINARY(4096) NULL,
    -- `nothing`, `advertising` or `all`.
    opted_out VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    -- The service takes no more messages for this guest since then.
    gone_at DATETIME(6) NULL,
    -- When the service last told whether the guest follows the account.
    followed_at DATETIME(6) NULL,
    created_at DATETIME(6) NOT NULL,
    used_at DATETIME(6) NOT NULL,
    PRIMARY KEY (contact_id),
    UNIQUE KEY by_address (robot_key, address),
    KEY by_guest (chain_id, guest_hash),
    KEY by_member (member_id),
    KEY by_age (used_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- One row for each guest and template: it is locked while the rights change.
CREATE TABLE guest_consents (
    contact_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    template VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    refused_at DATETIME(6) NOT NULL,
    -- Tries that gave their right back, as JSON, the oldest first.
    given_back TEXT NOT NULL,
    PRIMARY KEY (contact_id, template)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- Each accept is the right to one message.
CREATE TABLE guest_rights (
    contact_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    template VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    event_hash CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    accepted_at DATETIME(6) NOT NULL,
    -- `free`, `taken` by a try, `spent` or `void`.
    state VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    try_id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    PRIMARY KEY (contact_id, template, event_hash),
    KEY by_age (accepted_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE guest_pushes (
    push_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    contact_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    rule_id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    robot_key VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    template VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    -- The values of the template and the page. Empty after the guest was forgotten.
    content TEXT NOT NULL,
    caused_at DATETIME(6) NOT NULL,
    state VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    reason VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    detail VARCHAR(200) COLLATE utf8mb4_bin NULL,
    due_at DATETIME(6) NOT NULL,
    attempts INT UNSIGNED NOT NULL DEFAULT 0,
    claim_token BIGINT UNSIGNED NULL,
    leased_until DATETIME(6) NULL,
    external_id VARCHAR(191) COLLATE utf8mb4_bin NULL,
    sent_at DATETIME(6) NULL,
    settled_at DATETIME(6) NULL,
    PRIMARY KEY (push_id),
    KEY by_due (state, due_at),
    KEY by_contact (contact_id, rule_id, push_id),
    KEY by_external (robot_key, external_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- Results that a service told, because they may come before the reply to the push.
CREATE TABLE guest_results (
    robot_key VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    external_id VARCHAR(191) COLLATE utf8mb4_bin NOT NULL,
    result VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    detail VARCHAR(200) COLLATE utf8mb4_bin NOT NULL,
    told_at DATETIME(6) NOT NULL,
    PRIMARY KEY (robot_key, external_id),
    KEY by_age (told_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- A worker whose lease ended stores no token: a later one has a higher number.
ALTER TABLE outlet_robots
    ADD COLUMN lease_number INT UNSIGNED NOT NULL DEFAULT 0;
