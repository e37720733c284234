-- owner: outlets
-- run: before deploy
-- A chat of several outlets shows an announcement once: the messages of the others name the one that shows it.

ALTER TABLE outlet_messages ADD COLUMN shared_with CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NULL;

ALTER TABLE outlet_messages ADD KEY by_shared (shared_with);
