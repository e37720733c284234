-- owner: members
-- run: before deploy
-- The expiry of a tag has one name in the API, in the code and here.

ALTER TABLE member_tags RENAME COLUMN moves_at TO expires_at;
ALTER TABLE member_tags RENAME INDEX by_move TO by_expiry;
