-- owner: delivery
-- run: before deploy
-- `doubted` has the newest fixes that no vehicle could reach from the last place. A few that agree show that this place
-- was the wrong one.

ALTER TABLE courier_positions
    ADD COLUMN doubted VARCHAR(200) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '';
