-- owner: printing
-- run: before deploy
-- The views that `printing` publishes: stores that print, their agents and printers, and jobs without their tickets.

ALTER TABLE print_printers
    ADD KEY by_state (state, store_id),
    ADD KEY by_paper (paper, store_id);

CREATE OR REPLACE VIEW fleet_stores AS SELECT store_id, printing_agent FROM print_stores;

CREATE OR REPLACE VIEW fleet_agents AS
SELECT store_id, id, name, version, platform, connection_id IS NOT NULL AS connected, connected_at, seen_at, silent_at,
    offline_at, copied, copied_at
FROM print_agents
WHERE revoked_at IS NULL;

CREATE OR REPLACE VIEW fleet_printers AS
SELECT store_id, id, state, paper, cover, error, trouble, backup, reported_at, changed_at FROM print_printers;

CREATE OR REPLACE VIEW fleet_jobs AS
SELECT store_id, id, queue_id, order_id, kind, station, printer, state, queued_at, sent_at, begun_at, ended_at, held, evidence,
    code, attention, attention_at, reprint, moved_from,
    CAST(JSON_UNQUOTE(JSON_EXTRACT(ticket, '$.pickup_number')) AS CHAR(10)) AS pickup_number
FROM print_jobs;
