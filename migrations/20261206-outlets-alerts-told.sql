-- owner: outlets
-- run: before deploy
-- The messages that told the operations chats of an alert. If none of them arrives, it is told again.

ALTER TABLE outlet_alerts ADD COLUMN told_in CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL;
