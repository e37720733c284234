-- owner: printing
-- run: before deploy
-- Tickets of orders for later wait here until their kitchen begins; tickets that came too late are counted by their code.

CREATE TABLE print_plans (
    order_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    -- An order's receipts and its other tickets may be due at different times.
    receipts BOOLEAN NOT NULL,
    store_id VARCHAR(129) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    begins_at DATETIME(6) NOT NULL,
    -- As it was announced; stations and printers are those of the time at which it prints.
    document MEDIUMTEXT NOT NULL,
    PRIMARY KEY (order_id, receipts),
    KEY by_time (begins_at, order_id, receipts),
    KEY by_store (store_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

ALTER TABLE print_jobs ADD KEY by_code (code, store_id, id);
