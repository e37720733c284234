-- owner: people
-- run: before deploy
-- Passkeys (WebAuthn Level 3): the public key of a credential, and the domain for which a browser made it. A challenge is
-- stored as SHA-256 until it is used once: of a session that adds a passkey, or of a sign-in.

CREATE TABLE passkeys (
    id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    person_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    domain VARCHAR(253) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    credential_hash BINARY(32) NOT NULL,
    credential_id VARBINARY(1023) NOT NULL,
    public_key VARBINARY(1024) NOT NULL,
    sign_count INT UNSIGNED NOT NULL,
    name VARCHAR(100) NOT NULL,
    synced BOOLEAN NOT NULL,
    made_at DATETIME(6) NOT NULL,
    used_at DATETIME(6) NULL,
    PRIMARY KEY (id),
    UNIQUE KEY by_credential (credential_hash),
    KEY by_person (person_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE passkey_challenges (
    challenge_hash BINARY(32) NOT NULL,
    session_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
    expires_at DATETIME(6) NOT NULL,
    PRIMARY KEY (challenge_hash),
    KEY by_expiry (expires_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
