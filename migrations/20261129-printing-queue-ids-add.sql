-- owner: printing
-- run: before deploy
-- The id of an order's job is derived from the order, so it no longer sorts by time. `queue_id` does: a ULID of the time at
-- which the job was queued, by which jobs are listed. The code of before leaves it out; its ids sort by time.

ALTER TABLE print_jobs ADD COLUMN queue_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' AFTER id;
UPDATE print_jobs SET queue_id = id;
ALTER TABLE print_jobs
    DROP KEY by_order,
    DROP KEY by_attention,
    DROP KEY by_code,
    ADD KEY by_order (order_id, queue_id),
    ADD KEY by_attention (attention, store_id, queue_id),
    ADD KEY by_code (code, store_id, queue_id),
    ADD KEY by_queue (store_id, queue_id);
