-- owner: stores
-- run: before deploy
-- A change of a store is announced. `last_sequence` is the number of its last message.

ALTER TABLE stores ADD COLUMN last_sequence INT UNSIGNED NOT NULL DEFAULT 0;
