-- owner: delivery
-- run: before deploy
-- The map tiles of a store's customer pages; NULL: the pages load nothing from other hosts.

ALTER TABLE delivery_stores ADD COLUMN map_tiles JSON NULL;
