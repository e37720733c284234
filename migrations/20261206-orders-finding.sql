-- owner: orders
-- run: before deploy
-- A search within some stores reads the orders of these stores alone: a number by store, and a phone ending in an index that
-- has the store too.

ALTER TABLE orders
    ADD KEY by_store_number (store_id, source_number, receipt_id),
    DROP KEY by_phone,
    ADD KEY by_phone (chain_id, phone_ending, receipt_id, store_id),
    DROP KEY by_number,
    ADD KEY by_number (chain_id, source_number, receipt_id, store_id);
