-- owner: people
-- run: before deploy
-- The OpenID provider of a chain, what was read from it, and whose identities there belong to which person. `state_hash`
-- is of a sign-in that has begun.

CREATE TABLE identity_providers (
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    issuer VARCHAR(500) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    client VARCHAR(255) NOT NULL,
    encrypted VARBINARY(1024) NOT NULL,
    redirect_uri VARCHAR(500) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    metadata JSON NULL,
    signing_keys JSON NULL,
    read_at DATETIME(6) NULL,
    PRIMARY KEY (chain_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE provider_identities (
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    identity_hash BINARY(32) NOT NULL,
    person_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    PRIMARY KEY (chain_id, identity_hash),
    KEY by_person (person_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE provider_sign_ins (
    state_hash BINARY(32) NOT NULL,
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    expires_at DATETIME(6) NOT NULL,
    PRIMARY KEY (state_hash),
    KEY by_expiry (expires_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
