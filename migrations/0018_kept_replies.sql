-- owner: shared
-- run: before deploy
-- Kept replies are found by what they tell of, to take an erased person out of them.

ALTER TABLE idempotency_keys ADD KEY by_subject (reply_of);
