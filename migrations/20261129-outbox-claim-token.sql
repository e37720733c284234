-- owner: shared
-- run: before deploy
-- A worker that claims messages writes its token. The token says which worker has a message, also where no row is locked.

ALTER TABLE messages ADD COLUMN claim_token BIGINT UNSIGNED NULL;
