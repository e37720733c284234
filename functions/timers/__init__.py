"""Timers and jobs: every timer of the stage in one place, and jobs that people plan.

Owns: timer_settings, timer_alerts, jobs, job_runs, announcements.
Hears: ANY /v1/timers, ANY /v1/jobs, GET /v1/announcements, rate(1 minute).
Says: timer.changed, timer.late, timer.hanging, timer.failing, timer.recovered, job.changed, job.items_due,
    job.plan_due, announcement.published.
"""
