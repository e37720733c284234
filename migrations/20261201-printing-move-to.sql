-- owner: printing
-- run: before deploy
-- The printer to which a person moved a job that an agent has. The agent returns the job first.

ALTER TABLE print_jobs ADD COLUMN move_to VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL;
