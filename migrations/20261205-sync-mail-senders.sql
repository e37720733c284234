-- owner: sync
-- run: before deploy
-- Addresses and domains from which a chain may have its mails sent. SES verifies for the whole account: without this
-- table a chain could send from the address of another one. Operators write it by `dumbwaiter mail`.

CREATE TABLE sync_mail_senders (
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    sender VARCHAR(254) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    created_at DATETIME(6) NOT NULL,
    PRIMARY KEY (chain_id, sender)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
