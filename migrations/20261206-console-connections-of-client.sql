-- owner: console
-- run: before deploy
-- The connections of a client, so that the oldest of too many is found.

ALTER TABLE live_connections ADD KEY by_client (client_id, opened_at);
