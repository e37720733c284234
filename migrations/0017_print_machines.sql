-- owner: printing
-- run: before deploy
-- Which machine an agent is on, so that a disk image that is started elsewhere is noticed; why a printer cannot be reached.

ALTER TABLE print_agents
    -- Hashes of the machine's network hardware, by its agent's hello; '' before the first that has any.
    ADD machine VARCHAR(1100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
    -- The same of another machine that came with this agent's identity.
    ADD other_machine VARCHAR(1100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
    -- How it was noticed that the identity is used twice, and when; a person says which one it is.
    ADD copied VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
    ADD copied_at DATETIME(6) NULL;

-- When something first came by it though its agent had a newer one, and when that happened again.
ALTER TABLE print_connections ADD spoke_at DATETIME(6) NULL, ADD spoke_again_at DATETIME(6) NULL;

ALTER TABLE print_printers ADD trouble VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL;
