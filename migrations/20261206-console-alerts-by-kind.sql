-- owner: console
-- run: before deploy
-- Open alerts are read by kind, of the chain or of some stores. Alerts of one kind that nobody reads hide no others.

ALTER TABLE alerts
    DROP KEY by_opening,
    ADD KEY by_kind (chain_id, kind, resolved_at, since),
    ADD KEY by_store (store_id, kind, resolved_at, since);
