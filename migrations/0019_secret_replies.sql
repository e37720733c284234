-- owner: shared
-- run: before deploy
-- Replies that hold a secret (an enrolment code, an address to upload to), encrypted under the keyring. They are apart
-- from `idempotency_keys`, whose `reply` is then NULL, so that they can go as soon as the secret is no longer good.

CREATE TABLE secret_replies (
    client_id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    idempotency_key VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    encrypted BLOB NOT NULL,
    good_until DATETIME(6) NOT NULL,
    PRIMARY KEY (client_id, idempotency_key),
    KEY by_end (good_until)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
