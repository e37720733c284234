-- owner: sync
-- run: before deploy
-- Items and stock levels as outside systems have them, and the sold-out marks that stores were asked for.

-- An item in its system's codes. `cause` and `reason` say why it is not on the menu as the system has it.
CREATE TABLE sync_items (
    system_key VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    target_code VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    digest BINARY(32) NOT NULL,
    document TEXT NOT NULL,
    changed_at DATETIME(6) NOT NULL,
    cause VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NULL,
    reason VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    detail VARCHAR(500) NULL,
    -- It was taken off the menu, and comes back when the system has it again.
    withdrawn TINYINT UNSIGNED NOT NULL DEFAULT 0,
    PRIMARY KEY (system_key, target_code),
    KEY by_cause (system_key, cause)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE sync_levels (
    system_key VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    target_store VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    target_item VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    unit VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    quantity DECIMAL(24, 6) NOT NULL,
    changed_at DATETIME(6) NOT NULL,
    PRIMARY KEY (system_key, target_store, target_item)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- `entries` is a JSON list of the marks on a store's sold-out list that the stock of the system asked for.
CREATE TABLE sync_marks (
    system_key VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    store_id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    entries MEDIUMTEXT NOT NULL,
    -- The store is looked at from this time on: a level changed, or an hour has passed.
    due_at DATETIME(6) NOT NULL,
    PRIMARY KEY (system_key, store_id),
    KEY by_due (system_key, due_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
