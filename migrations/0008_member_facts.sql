-- owner: members
-- run: before deploy
-- Facts in the form in which tags read them. `days` are columns of little-endian integers (functions/members/facts/history.py), and
-- the favourites of `items` and `categories` stand beside these. No chain has been deployed with the form before: what a
-- demo had bought is dropped, ledger and facts together, so that they agree.

DELETE FROM member_facts;
DELETE FROM member_purchases;
DELETE FROM member_tags;
DELETE FROM tag_bitmaps;
ALTER TABLE member_facts
    MODIFY days MEDIUMBLOB NOT NULL,
    ADD COLUMN favourites TEXT NOT NULL AFTER habits;
