"""Every minute → jobs that people planned begin and end."""

from datetime import datetime

from functions.timers.due.worker import work_through
from shared.spine import entry, log
from shared.spine.env import Environment


def run_due_jobs(env: Environment, until: datetime) -> None:
    """Each job in a transaction of its own."""
    worked, failed = work_through(env, until)
    log.logger().info("jobs worked", extra={"worked": worked, "failed": failed})


handler = entry.timer(run_due_jobs)
