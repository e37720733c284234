-- owner: orders
-- run: after deploy
-- Orders that the code of before stored during the deploy: their ids sort by the time of receipt.

UPDATE orders SET receipt_id = id WHERE receipt_id = '';
