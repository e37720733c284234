-- owner: members
-- run: before deploy
-- Segments that people keep by name. `owner_id` is the client that made it: an API key, or a person as p-ULID.

CREATE TABLE saved_segments (
    id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    name VARCHAR(100) NOT NULL,
    expression VARCHAR(1000) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    owner_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    made_at DATETIME(6) NOT NULL,
    changed_at DATETIME(6) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY by_name (chain_id, name)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
