-- owner: printing
-- run: before deploy
-- The indexes that find agents that are silent, and agents whose identity is used twice.

ALTER TABLE print_agents
    ADD KEY by_silent_at (silent_at, store_id),
    ADD KEY by_copied (copied, store_id);
