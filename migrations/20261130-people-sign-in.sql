-- owner: people
-- run: before deploy
-- One-time links by which a person chooses a password, second factors, and counted attempts to sign in. Tokens and codes
-- lie here as SHA-256 alone. `subject` is the hash of an email address or of a caller's network.

CREATE TABLE person_links (
    token_hash BINARY(32) NOT NULL,
    person_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    made_by VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    made_at DATETIME(6) NOT NULL,
    expires_at DATETIME(6) NOT NULL,
    PRIMARY KEY (token_hash),
    KEY by_person (person_id),
    KEY by_expiry (expires_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE person_factors (
    person_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    encrypted VARBINARY(512) NOT NULL,
    made_at DATETIME(6) NOT NULL,
    confirmed_at DATETIME(6) NULL,
    last_step BIGINT UNSIGNED NOT NULL DEFAULT 0,
    PRIMARY KEY (person_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE recovery_codes (
    person_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    code_hash BINARY(32) NOT NULL,
    PRIMARY KEY (person_id, code_hash)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE sign_in_attempts (
    subject BINARY(32) NOT NULL,
    failures INT UNSIGNED NOT NULL DEFAULT 0,
    last_at DATETIME(6) NOT NULL,
    locked_until DATETIME(6) NULL,
    PRIMARY KEY (subject),
    KEY by_age (last_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

-- A manager of a region or a store asks for the people there.
ALTER TABLE role_assignments ADD KEY by_scope (level, scope_id);
