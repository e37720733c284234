-- owner: console
-- run: before deploy
-- Pages with a WebSocket connection, and what each of them watches.

CREATE TABLE live_tickets (
    -- SHA-256 of the ticket. A ticket opens one connection.
    ticket_hash BINARY(32) NOT NULL,
    client_id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    -- The session of a person. NULL for an API client, which has none.
    session_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
    expires_at DATETIME(6) NOT NULL,
    PRIMARY KEY (ticket_hash),
    KEY by_expiry (expires_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE live_connections (
    id VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    client_id VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    session_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL,
    opened_at DATETIME(6) NOT NULL,
    -- The last frame of the page.
    heard_at DATETIME(6) NOT NULL,
    -- When session and rights were read last.
    checked_at DATETIME(6) NOT NULL,
    PRIMARY KEY (id),
    KEY by_heard (heard_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE TABLE live_watches (
    chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    connection_id VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    -- Stores and topics that the page asked for, as JSON.
    request TEXT NOT NULL,
    -- Of these, the scopes of each right that the client has, as JSON.
    scopes MEDIUMTEXT NOT NULL,
    PRIMARY KEY (chain_id, connection_id),
    KEY by_connection (connection_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
