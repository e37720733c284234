-- owner: shared
-- run: before deploy
-- The chain of an API client, by its first grant: keys are listed by chain.

ALTER TABLE api_clients ADD COLUMN chain_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL AFTER name;
UPDATE api_clients SET chain_id = SUBSTRING_INDEX(
    SUBSTRING_INDEX(SUBSTRING_INDEX(JSON_UNQUOTE(JSON_EXTRACT(grants, '$[0]')), '@', -1), ':', 2), ':', -1)
    WHERE JSON_LENGTH(grants) > 0 AND JSON_UNQUOTE(JSON_EXTRACT(grants, '$[0]')) LIKE '%@%:%';
ALTER TABLE api_clients ADD KEY by_chain (chain_id, id);
