"""The work of a job that is due."""
