"""Every minute → late messages, missed timers and throttled functions of all concerns are counted in one metric."""

from collections.abc import Collection
from datetime import datetime
from weakref import WeakKeyDictionary

from aws_lambda_powertools.metrics import MetricUnit

from functions.outbox.watch.lateness import Lateness, late_queues, missed_timers, throttled_functions
from functions.outbox.watch.stage_reader import StageReader
from shared.spine import entry, log, timers
from shared.spine.env import Environment

# The queues that held a message at the last run of this environment.
_filled_before: WeakKeyDictionary[Environment, frozenset[str]] = WeakKeyDictionary()


def watch_queues_and_timers(env: Environment, _until: datetime) -> None:
    """The alarm on the metric also rings when it is missing: then this timer does not run."""
    late = find_lateness(env)
    for lateness in late:
        extra = {"page": lateness.page, "late": lateness.name, "late_s": round(lateness.seconds)}
        log.logger().warning("late work", extra=extra)
    log.measure("LateWork", len(late), MetricUnit.Count)


def find_lateness(env: Environment) -> list[Lateness]:
    """All that is late in the stage."""
    now, reader = env.clock(), StageReader(env.aws, env.settings.watched_prefix)
    queues = reader.filled_queues()
    ages = reader.ages(_filled_for_a_minute(env, queues), now)
    limits = {name: reader.oldest_limit(queues[name]) for name in ages}
    schedules = reader.schedules()
    timers.expect(env.db, schedules, now)
    missed = missed_timers(schedules, timers.read_runs(env.db), now)
    return [*late_queues(ages, limits), *missed, *throttled_functions(reader.throttles(now))]


def _filled_for_a_minute(env: Environment, names: Collection[str]) -> list[str]:
    """The queues that also held a message at the last run. No other queue has a message that is a minute old.

    CloudWatch costs more than all other calls of the watcher, so the watcher asks for these queues alone. A new
    environment asks for all filled queues.
    """
    before = _filled_before.get(env, frozenset(names))
    _filled_before[env] = frozenset(names)
    return [name for name in names if name in before]


handler = entry.timer(watch_queues_and_timers)
