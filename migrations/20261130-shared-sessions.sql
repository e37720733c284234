-- owner: shared
-- run: before deploy
-- Sessions of people, by the hash of the token in their cookie; and the record of what people changed and looked at.

CREATE TABLE sessions (
    token_hash BINARY(32) NOT NULL,
    id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    person_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    method VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    created_at DATETIME(6) NOT NULL,
    used_at DATETIME(6) NOT NULL,
    expires_at DATETIME(6) NOT NULL,
    caller_address VARCHAR(45) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    browser VARCHAR(200) NOT NULL,
    PRIMARY KEY (token_hash),
    UNIQUE KEY by_id (id),
    KEY by_person (person_id, id),
    KEY by_expiry (expires_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- `fields` are names of a request's fields, never their values.
CREATE TABLE audit_entries (
    id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    at DATETIME(6) NOT NULL,
    actor VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    session_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
    operation VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    path VARCHAR(500) NOT NULL,
    store_id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NULL,
    status SMALLINT UNSIGNED NOT NULL,
    request VARCHAR(64) NOT NULL,
    fields JSON NOT NULL,
    PRIMARY KEY (id),
    KEY by_chain (chain_id, id),
    KEY by_actor (chain_id, actor, id),
    KEY by_store (chain_id, store_id, id),
    KEY by_operation (chain_id, operation, id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
