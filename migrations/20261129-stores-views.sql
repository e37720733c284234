-- owner: stores
-- run: before deploy
-- The views that `stores` publishes: the present revision of a store, and its earlier revisions.

CREATE OR REPLACE VIEW store_records AS
SELECT id AS store_id, chain_id, region_id, revision, changed_at, settings, opening_hours, menu, sold_out FROM stores;

CREATE OR REPLACE VIEW store_history AS
SELECT store_id, revision, held_from, held_until, settings, opening_hours, menu, sold_out FROM store_versions;
