-- owner: orders
-- run: before deploy
-- What other concerns may read of a store's opening hours: the weekdays (0 is Monday) and dates on which it is closed.

CREATE VIEW store_closings AS
SELECT s.id AS store_id, s.chain_id, w.place - 1 AS weekday, CAST(NULL AS DATE) AS day
FROM stores s, JSON_TABLE(s.opening_hours, '$.week[*]' COLUMNS (place FOR ORDINALITY, opens INT EXISTS PATH '$[0]')) w
WHERE w.opens = 0
UNION ALL
SELECT s.id, s.chain_id, NULL, d.day
FROM stores s, JSON_TABLE(s.opening_hours, '$.closed_on[*]' COLUMNS (day DATE PATH '$')) d;
