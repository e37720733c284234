"""One look at all timers of the stage."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from functions.timers.alerts.findings import findings
from functions.timers.keeping.announcing import begin_alerts, end_alerts
from functions.timers.stage.rules import Timer, apply_rule
from functions.timers.states import AlertKind
from functions.timers.tables.alerts import TimerAlert, read_alerts_of
from functions.timers.tables.jobs import delete_old_job_runs
from functions.timers.tables.runs import read_states
from functions.timers.tables.settings import Setting, read_settings
from shared.spine import timers
from shared.spine.env import Environment
from shared.spine.outbox import Work

KEPT = timedelta(days=30)
# As long as the record of what people did.
JOB_RUNS_KEPT = timedelta(days=400)


def keep_rules(env: Environment, stage: Mapping[str, Timer], settings: Mapping[str, Setting]) -> int:
    """Make each rule as people decided. A deploy may have reset it, or the clocks have changed.

    Returns the number of rules that AWS did not take.
    """
    now = env.clock()
    return sum(
        not apply_rule(
            env.aws, timer, settings[name].schedule or timer.default, paused=settings[name].is_paused, now=now
        )
        for name, timer in stage.items()
    )


def keep_alerts(env: Environment, stage: Mapping[str, Timer]) -> Mapping[str, Setting]:
    """Begin and end alerts, and forget old runs. Returns the settings that it read."""
    now = env.clock()
    with env.outbox.work("timers") as work:
        timers.end_hung_runs(work, now)
        timers.delete_old_runs(work, now - KEPT)
        delete_old_job_runs(work, now - JOB_RUNS_KEPT)
        settings = read_settings(work, stage)
        states, alerts = read_states(work, stage, now), read_alerts_of(work, stage)
        for name, timer in stage.items():
            schedule = settings[name].schedule or timer.default
            wrong = findings(schedule, states[name], now, paused=settings[name].is_paused)
            _settle(work, timer, wrong, alerts.get(name, []), now)
    return settings


def _settle(work: Work, timer: Timer, wrong: set[AlertKind], open_alerts: list[TimerAlert], now: datetime) -> None:
    present = {alert.kind for alert in open_alerts}
    begin_alerts(work, timer.name, timer.key, wrong - present, now)
    end_alerts(work, timer.name, timer.key, [alert for alert in open_alerts if alert.kind not in wrong], now)
