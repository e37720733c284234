-- owner: members
-- run: before deploy
-- All that was paid for a purchase, more than its total where a second wallet was captured too. 0: as much as the total.

ALTER TABLE member_purchases
    ADD COLUMN taken BIGINT NOT NULL DEFAULT 0 AFTER refunded;
