"""Every timer of the stage in one place: runs, pauses, schedules and alerts.

Owns: timer_settings, timer_alerts.
Hears: ANY /v1/timers, rate(1 minute).
Says: timer.changed, timer.late, timer.hanging, timer.failing, timer.recovered.
"""
