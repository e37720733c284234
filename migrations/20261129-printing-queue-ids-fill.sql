-- owner: printing
-- run: after deploy
-- Jobs that the code of before stored during the deploy: their ids sort by time.

UPDATE print_jobs SET queue_id = id WHERE queue_id = '';
