-- owner: orders
-- run: before deploy
-- An order's id is derived from its source, so it no longer sorts by the time of receipt. `receipt_id` does: a ULID of that
-- time, by which orders are listed. It may differ between regions; nothing but a page's cursor carries it.

ALTER TABLE orders ADD COLUMN receipt_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' AFTER id;
UPDATE orders SET receipt_id = id;
ALTER TABLE orders
    DROP KEY by_chain,
    DROP KEY by_store,
    DROP KEY by_fulfilment,
    ADD KEY by_chain (chain_id, receipt_id),
    ADD KEY by_store (store_id, receipt_id),
    ADD KEY by_fulfilment (store_id, fulfilment_status, receipt_id);
