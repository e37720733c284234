"""The tables of timers and jobs."""
