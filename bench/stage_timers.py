"""The timers of a stage with their rules, and a day of runs of each."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from ops.migrate import open_database
from shared.contracts.ids import first_id
from stack.emulator import Emulator

PREFIX = "bench-timers-"
TIMERS, RUNS = 50, 96
RUN = """
    INSERT INTO timer_run_log (id, name, began_at, must_end_by, ended_at, outcome, cause, request)
    VALUES (%s, %s, %s, %s, %s, %s, 'schedule', '')"""
LAST_RUN = "INSERT INTO timer_runs (name, ran_at) VALUES (%s, %s)"
ABOUT = {
    "schedule": "rate(15 minutes)",
    "does": "timer → old rows are gone",
    "seconds": 60,
    "overlaps": False,
    "pausable": True,
}


def fill(url: str, emulator: Emulator, now: datetime) -> None:
    """The rules in the emulator and the runs in the database, until `now`."""
    names = [f"{PREFIX}bench_timer_{number}" for number in range(TIMERS)]
    events = emulator.client("events")
    for name in names:
        events.put_rule(Name=name, ScheduleExpression="rate(15 minutes)", Description=json.dumps(ABOUT))
    connection = open_database(url)
    connection.begin()
    with connection.cursor() as cursor:
        for name in names:
            cursor.executemany(RUN, list(_runs(name, now)))
        cursor.executemany(LAST_RUN, [(name, now) for name in names])
        connection.commit()
        cursor.execute("ANALYZE TABLE timer_run_log, timer_runs")
    connection.close()


def _runs(name: str, now: datetime) -> Iterator[tuple[Any, ...]]:
    number = int(name.rpartition("_")[2])
    for age in range(RUNS):
        at = now - age * timedelta(minutes=15)
        outcome = "failed" if (number + age) % 40 == 0 else "done"
        run = f"{first_id(at)[:10]}{number:016}"
        yield run, name, at, at + timedelta(minutes=1), at + timedelta(seconds=2), outcome
