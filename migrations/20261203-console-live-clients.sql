-- owner: console
-- run: before deploy
-- For delivery: a person whose page has a live connection needs no web push.

CREATE OR REPLACE VIEW live_clients AS SELECT client_id, heard_at FROM live_connections;
