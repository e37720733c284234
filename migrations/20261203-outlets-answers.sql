-- owner: outlets
-- run: before deploy
-- The last answer of a robot's service, messages that a chat may have shown, and chats that a service asks to leave alone.

ALTER TABLE outlet_robots
    -- `accepted`, or the code of the service.
    ADD COLUMN answered_at DATETIME(6) NULL,
    ADD COLUMN answer VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL;

-- Since then the chat may have shown the message: a try had no reply.
ALTER TABLE outlet_messages ADD COLUMN doubtful_since DATETIME(6) NULL;

-- Nothing is sent to this chat by this robot before `until`.
CREATE TABLE outlet_holds (
    robot_key VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    address VARCHAR(255) COLLATE utf8mb4_bin NOT NULL,
    until DATETIME(6) NOT NULL,
    PRIMARY KEY (robot_key, address),
    KEY by_end (until)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
