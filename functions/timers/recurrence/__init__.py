"""Times at which a job occurs, in the time zone of its chain."""
