-- owner: people
-- run: before deploy
-- The view of names that `people` publishes, so that other concerns say who did something. It has disabled people, too.

CREATE OR REPLACE VIEW person_names AS SELECT id AS person_id, chain_id, name FROM people;
