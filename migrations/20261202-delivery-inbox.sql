-- owner: delivery
-- run: before deploy
-- Messages by recipient, numbered without gaps: `seq` of a head is the number of the newest message. A client that has
-- all messages up to a number misses none before it. `oldest` is the first number that is still kept.

CREATE TABLE inbox_heads (
    recipient VARCHAR(160) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    seq BIGINT UNSIGNED NOT NULL,
    oldest BIGINT UNSIGNED NOT NULL DEFAULT 1,
    PRIMARY KEY (recipient)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE inbox_messages (
    recipient VARCHAR(160) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    seq BIGINT UNSIGNED NOT NULL,
    message_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    conversation VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    kind VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    counts TINYINT UNSIGNED NOT NULL,
    at DATETIME(6) NOT NULL,
    body JSON NOT NULL,
    PRIMARY KEY (recipient, seq),
    UNIQUE KEY by_message (recipient, message_id),
    KEY by_conversation (recipient, conversation, seq),
    KEY by_time (at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE inbox_reads (
    recipient VARCHAR(160) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    conversation VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    seq BIGINT UNSIGNED NOT NULL,
    PRIMARY KEY (recipient, conversation)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
