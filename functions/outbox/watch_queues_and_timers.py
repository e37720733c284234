"""Every minute → late messages, missed timers and throttled functions of all concerns are counted in one metric."""

from datetime import datetime

from aws_lambda_powertools.metrics import MetricUnit

from functions.outbox.watch.lateness import Lateness, late_queues, missed_timers, throttled_functions
from functions.outbox.watch.stage_reader import StageReader
from shared.spine import entry, log, timers
from shared.spine.env import Environment


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
    ages = reader.ages(list(queues), now)
    limits = {name: reader.oldest_limit(queues[name]) for name in ages}
    schedules = reader.schedules()
    timers.expect(env.db, schedules, now)
    missed = missed_timers(schedules, timers.read_runs(env.db), now)
    return [*late_queues(ages, limits), *missed, *throttled_functions(reader.throttles(now))]


handler = entry.timer(watch_queues_and_timers)
