-- owner: shared
-- run: before deploy
-- `about` is a second subject: what happens to an order's print jobs is told in the jobs' own sequence, and traced by order.

ALTER TABLE messages
    ADD COLUMN about VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    ADD KEY by_about (about, id);
