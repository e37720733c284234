-- owner: timers
-- run: before deploy
-- Runs of jobs are deleted by their age.

ALTER TABLE job_runs ADD KEY by_age (ran_at);
