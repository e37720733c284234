-- owner: orders
-- run: before deploy
-- A search within some stores reads the orders of these stores alone: a number by store, and else an index that has the store
-- too. In two steps, because TiDB refuses to drop and add a key of one name in one.

ALTER TABLE orders DROP KEY by_phone, DROP KEY by_number;
ALTER TABLE orders
    ADD KEY by_store_number (store_id, source_number, receipt_id),
    ADD KEY by_phone (chain_id, phone_ending, receipt_id, store_id),
    ADD KEY by_number (chain_id, source_number, receipt_id, store_id);
