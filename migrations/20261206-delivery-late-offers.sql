-- owner: delivery
-- run: before deploy
-- Each minute ends the offers without an answer, of all stores. Only a delivery with an offer has `offered_until`.
-- `told_until` is the end of the shift of which the desk was told.

ALTER TABLE deliveries ADD KEY by_offer (offered_until);
ALTER TABLE couriers ADD COLUMN told_until DATETIME(6) NULL;
