-- owner: printing
-- run: before deploy
-- The view of jobs says when a job is checked next. A job that has ended is not checked, so an index finds the open jobs.

CREATE OR REPLACE VIEW fleet_jobs AS
SELECT store_id, id, queue_id, order_id, kind, station, printer, state, queued_at, sent_at, begun_at, ended_at, held, evidence,
    code, attention, attention_at, reprint, moved_from,
    CAST(JSON_UNQUOTE(JSON_EXTRACT(ticket, '$.pickup_number')) AS CHAR(10)) AS pickup_number, due_at
FROM print_jobs;
