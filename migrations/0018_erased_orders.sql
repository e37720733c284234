-- owner: orders
-- run: before deploy
-- Orders whose guest was erased, so that other concerns take the guest out of what they made of them; and the members
-- that orders name, by the chain's own ids, for those who order and have never paid.

CREATE TABLE erased_orders (
    order_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    erased_at DATETIME(6) NOT NULL,
    PRIMARY KEY (order_id),
    KEY by_time (erased_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

CREATE OR REPLACE VIEW order_erasures AS SELECT order_id, erased_at FROM erased_orders;

CREATE OR REPLACE VIEW order_members AS SELECT chain_id, member_id FROM orders WHERE member_id IS NOT NULL;
