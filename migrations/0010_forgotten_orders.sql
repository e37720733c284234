-- owner: members
-- run: before deploy
-- What a forgotten member had bought, order by order, so that money that goes back later is taken from it. An order names
-- nobody; sums that were kept before have none.

ALTER TABLE forgotten_purchases
    ADD COLUMN order_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' FIRST,
    DROP PRIMARY KEY,
    ADD PRIMARY KEY (order_id, chain_id, store_id, business_day, currency);
