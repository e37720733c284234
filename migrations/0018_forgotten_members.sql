-- owner: members
-- run: before deploy
-- What other concerns may know of those who were forgotten: our id, a hash of the chain's own, and nothing else.

CREATE OR REPLACE VIEW forgotten_members AS
SELECT id AS member_id, chain_id FROM members WHERE forgotten_at IS NOT NULL;
