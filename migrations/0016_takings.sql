-- owner: console
-- run: before deploy
-- One row an order, by the newest of its messages; `sequence` says which that was.

ALTER TABLE takings
    ADD COLUMN sequence INT UNSIGNED NOT NULL DEFAULT 0;
