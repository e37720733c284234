-- owner: delivery
-- run: before deploy
-- Numbers of a store: its deliveries by the end of the promised time, and its messages with the moment of their first
-- fetch. Messages of before have no store, and count nowhere.

ALTER TABLE deliveries ADD KEY by_promise (store_id, wanted_until);

ALTER TABLE inbox_messages
    ADD COLUMN store_id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NULL,
    ADD COLUMN fetched_at DATETIME(6) NULL;

ALTER TABLE inbox_messages ADD KEY by_store (store_id, at, counts, fetched_at);
