-- owner: orders
-- run: before deploy
-- Orders are found by their member, to be erased when the member is forgotten.

ALTER TABLE orders ADD KEY by_member (member_id);
