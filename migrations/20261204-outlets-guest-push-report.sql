-- owner: outlets
-- run: before deploy
-- The pushes of an account since a time, for the people who run them.

ALTER TABLE guest_pushes
    ADD KEY by_account (robot_key, push_id);
