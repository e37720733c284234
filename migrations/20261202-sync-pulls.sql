-- owner: sync
-- run: before deploy
-- Sales of outside tills, people of an outside HR system, and the files that bring them.

-- A sale as the till has it. `state` is sent (order intake is asked), placed (it is an order) or refused.
CREATE TABLE sync_sales (
    system_key VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    sale_key CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    revision INT UNSIGNED NOT NULL,
    number VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    -- The till's code of the store.
    store VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    sold_at DATETIME(6) NOT NULL,
    currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    total BIGINT NOT NULL,
    state VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    cause VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NULL,
    reason VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    detail VARCHAR(500) NULL,
    payload_hash BINARY(32) NOT NULL,
    -- NULL once it is an order.
    payload MEDIUMTEXT NULL,
    order_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
    changed_at DATETIME(6) NOT NULL,
    PRIMARY KEY (system_key, sale_key),
    KEY by_state (system_key, state, cause, sale_key)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- A person as the HR system has them. `store_id` is NULL while no code stands for the store there.
CREATE TABLE sync_employees (
    system_key VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    employee VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    store_id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NULL,
    their_store VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    name VARCHAR(200) NOT NULL,
    role VARCHAR(64) NOT NULL,
    -- A JSON list of texts.
    skills TEXT NOT NULL,
    hours_per_week DECIMAL(5, 2) NULL,
    contract_kind VARCHAR(32) NULL,
    contract_from DATE NULL,
    contract_until DATE NULL,
    active TINYINT UNSIGNED NOT NULL,
    payload_hash BINARY(32) NOT NULL,
    changed_at DATETIME(6) NOT NULL,
    PRIMARY KEY (system_key, employee),
    KEY by_store (store_id, active)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- For the rota: active people with their store, skills and contract.
CREATE VIEW employee_records AS
SELECT system_key, employee, chain_id, store_id, name, role, skills, hours_per_week, contract_kind, contract_from,
    contract_until
FROM sync_employees WHERE active = 1 AND store_id IS NOT NULL;

-- Files in object storage. `state` is open (not dropped yet), dropped, read or refused. `records` were taken so far.
CREATE TABLE sync_files (
    system_key VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    flow VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    name VARCHAR(200) NOT NULL,
    size INT UNSIGNED NOT NULL,
    state VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    reason VARCHAR(500) NULL,
    records INT UNSIGNED NOT NULL DEFAULT 0,
    faults MEDIUMTEXT NULL,
    created_at DATETIME(6) NOT NULL,
    ended_at DATETIME(6) NULL,
    PRIMARY KEY (system_key, id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
