-- owner: console
-- run: before deploy
-- One row an order, by the newest of its messages; `sequence` says which that was. Refunds that had a row of their own go
-- into the row of their order, as the order stands.

ALTER TABLE takings
    ADD COLUMN sequence INT UNSIGNED NOT NULL DEFAULT 0;
-- The order's id in its own character set: otherwise all orders would be read for each refund.
INSERT INTO takings (store_id, business_day, entry, chain_id, currency, amount, sequence)
SELECT DISTINCT t.store_id, t.business_day, CONCAT('paid/', o.id), t.chain_id, t.currency,
    LEAST(GREATEST(o.paid - o.refunded, 0), o.total + o.rounding), o.last_sequence
FROM takings t JOIN orders o ON o.id = CONVERT(SUBSTRING(t.entry, 8, 26) USING ascii) COLLATE ascii_bin
WHERE t.entry LIKE 'refund/%'
ON DUPLICATE KEY UPDATE
    amount = IF(VALUES(sequence) >= takings.sequence, VALUES(amount), takings.amount),
    sequence = GREATEST(takings.sequence, VALUES(sequence));
DELETE FROM takings WHERE entry LIKE 'refund/%';
