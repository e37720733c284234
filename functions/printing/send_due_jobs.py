"""timer → scheduled orders print; unacknowledged jobs go again; stale jobs go to the backup printer or to a person."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from functions.printing.jobs.due_jobs import handle_due_jobs
from functions.printing.jobs.erasing import erase_guests
from functions.printing.jobs.plans import print_due_plans
from functions.printing.tables.jobs import read_due_jobs
from shared.kit.isolation import Isolation
from shared.spine import entry, log
from shared.spine.db import Locked
from shared.spine.env import Environment

BATCH = 200


def send_due_jobs(env: Environment, until: datetime) -> None:
    """Scheduled orders first. Then the due jobs store by store, each job at most once a run."""
    with Isolation() as isolation:
        with isolation.isolate("erasing guests"):
            erase_guests(env, until)
        print_due_plans(env, until, isolation)
        _handle_stores(env, until, isolation)


def _handle_stores(env: Environment, until: datetime, isolation: Isolation) -> None:
    handled: set[tuple[str, str]] = set()
    locked: set[str] = set()
    while env.clock() < until:
        with env.db.transaction() as transaction:
            due = read_due_jobs(transaction, env.clock(), BATCH, locked.union(isolation.failed))
        by_store: dict[str, list[str]] = defaultdict(list)
        for store_id, job_id in due:
            if (store_id, job_id) not in handled:
                by_store[store_id].append(job_id)
        handled |= set(due)
        for store_id, job_ids in by_store.items():
            with isolation.isolate(store_id):
                if not _handle_store(env, store_id, job_ids):
                    locked.add(store_id)
        if len(due) < BATCH or not by_store:
            return


def _handle_store(env: Environment, store_id: str, job_ids: Sequence[str]) -> bool:
    """False where another transaction works on the store: its jobs are left for the next run."""
    try:
        handle_due_jobs(env, store_id, job_ids, env.clock())
    except Locked:
        log.logger().info("a store's jobs are left for the next run", extra={"at": store_id})
        return False
    return True


handler = entry.timer(send_due_jobs)
