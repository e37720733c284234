"""Late work of a stage: messages that wait too long, timers that do not run, functions that are throttled."""
