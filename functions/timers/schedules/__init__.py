"""Schedules of timers: as EventBridge writes them, as people choose them, and as words."""
