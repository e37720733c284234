-- owner: shared
-- run: before deploy
-- The sources whose orders a key may place, take payment for, cancel, fulfil and refund: `kind:id`, `*` for any. Keys of before
-- keep all of them; `python -m ops.clients bind` narrows each to its own.

ALTER TABLE api_clients ADD COLUMN sources JSON NULL AFTER grants;
UPDATE api_clients SET sources = '["*:*"]';
ALTER TABLE api_clients MODIFY sources JSON NOT NULL;
