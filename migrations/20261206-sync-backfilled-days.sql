-- owner: sync
-- run: before deploy
-- Days that a backfill asks for are looked at when no other day is due.

ALTER TABLE sync_days ADD COLUMN is_backfill TINYINT UNSIGNED NOT NULL DEFAULT 0;

ALTER TABLE sync_days ADD KEY by_backfill_due (system_key, flow, is_backfill, due_at);
