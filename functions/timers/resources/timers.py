"""GET /v1/timers: every timer of the stage, with its schedule in words, its last run and its alerts."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Literal

from functions.timers.alerts.findings import TimerState, missed_runs
from functions.timers.resources.access import (
    ChainQuery,
    Refusal,
    TimerPath,
    find_timer,
    refusal_of,
    require_reader,
    zone_of,
)
from functions.timers.resources.runs import TimerRunDocument, run_document
from functions.timers.schedules.schedule import Schedule, next_run
from functions.timers.schedules.words import words_of
from functions.timers.stage.rules import Timer, is_applied, read_timers
from functions.timers.states import AlertKind
from functions.timers.tables.alerts import TimerAlert, read_alerts_of
from functions.timers.tables.names import read_names_of
from functions.timers.tables.runs import (
    TimerRun,
    count_failed,
    count_runs,
    read_first_runs,
    read_last_runs,
    read_states,
)
from functions.timers.tables.settings import Setting, read_settings
from shared.contracts.models import Output
from shared.spine.db import Transaction
from shared.spine.http import Call, Reply

DAY = timedelta(days=1)


class ScheduleWords(Output):
    """A schedule: `every_minutes`, `every_hours` or `every_days` with `count`; `daily_at` with `time` (HH:MM)."""

    code: Literal["every_minutes", "every_hours", "every_days", "daily_at"]
    count: int | None
    time: str | None


class BoundsDocument(Output):
    """The choice of a person. `times_of_day`: a time of the day; else an interval between two numbers of seconds."""

    pausable: bool
    times_of_day: bool
    fastest_seconds: int | None
    slowest_seconds: int | None


class AlertDocument(Output):
    """An alert that has not ended. `acts` names the role that must act."""

    id: str
    kind: AlertKind
    since: datetime
    acts: str


class TimerDocument(Output):
    """A timer. `does` is the first line of its program: trigger → effect.

    `next_at` is None while it is paused. `applied`: EventBridge has the schedule and the pause; else it gets them
    within a minute. `overlap`: a run is skipped while another is at work (`skip`), or both work (`allow`). `missed` and
    `failed` count the last 24 hours. Names are those of people of the caller's chain.
    """

    timer: str
    concern: str
    does: str
    schedule: ScheduleWords
    schedule_of_template: ScheduleWords
    changed: bool
    bounds: BoundsDocument
    overlap: Literal["skip", "allow"]
    time_limit_seconds: int
    paused: bool
    paused_at: datetime | None
    paused_by: str | None
    paused_by_name: str | None
    changed_at: datetime | None
    changed_by: str | None
    changed_by_name: str | None
    applied: bool
    next_at: datetime | None
    last: TimerRunDocument | None
    missed: int
    failed: int
    alerts: list[AlertDocument]


class TimerList(Output):
    """All timers of the stage by name. `manages`: the caller may change them. Words are in the time zone `zone`.

    `refusal` is why not: `role`, or `other_chains` where the stage has chains over which the caller lacks the right.
    """

    zone: str
    as_of: datetime
    manages: bool
    refusal: Refusal | None
    timers: list[TimerDocument]


class TimerReply(Output):
    """One timer. `manages`: the caller may change it. `refusal` is why not, as in the list."""

    zone: str
    as_of: datetime
    manages: bool
    refusal: Refusal | None
    timer: TimerDocument


@dataclass(frozen=True)
class _Facts:
    """All that the database knows of the timers of a page."""

    settings: Mapping[str, Setting]
    states: Mapping[str, TimerState]
    last: Mapping[str, TimerRun]
    first: Mapping[str, datetime]
    failed: Mapping[str, int]
    alerts: Mapping[str, list[TimerAlert]]
    names: Mapping[str, str]


def list_timers(call: Call, query: ChainQuery) -> Reply:
    """List every timer of the stage."""
    require_reader(call, query.chain)
    stage = read_timers(call.env.aws, call.env.settings.watched_prefix)
    zone, now, refusal, documents = _documents(call, query, stage)
    return Reply(TimerList(zone=zone, as_of=now, manages=refusal is None, refusal=refusal, timers=documents))


def get_timer(call: Call, path: TimerPath, query: ChainQuery) -> Reply:
    """Read one timer."""
    require_reader(call, query.chain)
    timer = find_timer(call, path.timer)
    zone, now, refusal, [document] = _documents(call, query, {timer.name: timer})
    return Reply(TimerReply(zone=zone, as_of=now, manages=refusal is None, refusal=refusal, timer=document))


def _documents(
    call: Call, query: ChainQuery, stage: Mapping[str, Timer]
) -> tuple[str, datetime, Refusal | None, list[TimerDocument]]:
    now = call.env.clock()
    with call.env.db.snapshot() as transaction:
        zone, refusal = zone_of(transaction, query), refusal_of(call, transaction, query.chain)
        facts = _read_facts(transaction, stage, query.chain, now)
        documents = [
            _document(transaction, timer, facts, zone, now, manages=refusal is None) for timer in stage.values()
        ]
    return zone, now, refusal, documents


def _read_facts(transaction: Transaction, stage: Mapping[str, Timer], chain: str, now: datetime) -> _Facts:
    settings, last = read_settings(transaction, stage), read_last_runs(transaction, stage)
    changers = [by for setting in settings.values() for by in (setting.paused_by, setting.changed_by)]
    return _Facts(
        settings,
        read_states(transaction, stage, now),
        last,
        read_first_runs(transaction, stage),
        count_failed(transaction, stage, now - DAY),
        read_alerts_of(transaction, stage),
        read_names_of(transaction, chain, [*changers, *(run.asked_by for run in last.values())]),
    )


def _document(
    transaction: Transaction, timer: Timer, facts: _Facts, zone: str, now: datetime, *, manages: bool
) -> TimerDocument:
    setting, last = facts.settings[timer.name], facts.last.get(timer.name)
    schedule = setting.schedule or timer.default
    return TimerDocument(
        timer=timer.key,
        concern=timer.concern,
        does=timer.does,
        schedule=_words(schedule, zone, now),
        schedule_of_template=_words(timer.default, zone, now),
        changed=setting.schedule is not None,
        bounds=_bounds(timer),
        overlap="allow" if timer.overlaps else "skip",
        time_limit_seconds=timer.seconds,
        paused=setting.is_paused,
        paused_at=setting.paused_at,
        paused_by=setting.paused_by,
        paused_by_name=facts.names.get(setting.paused_by or ""),
        changed_at=setting.changed_at,
        changed_by=setting.changed_by,
        changed_by_name=facts.names.get(setting.changed_by or ""),
        applied=is_applied(timer, schedule, paused=setting.is_paused, now=now),
        next_at=None if setting.is_paused else next_run(schedule, last.began_at if last else None, now),
        last=run_document(last, facts.names, now, shows_error=manages) if last else None,
        missed=0 if setting.is_paused else _missed(transaction, timer, setting, schedule, facts, now),
        failed=facts.failed.get(timer.name, 0),
        alerts=[_alert(alert) for alert in facts.alerts.get(timer.name, [])],
    )


def _missed(
    transaction: Transaction, timer: Timer, setting: Setting, schedule: Schedule, facts: _Facts, now: datetime
) -> int:
    """Of the last 24 hours, as far as the timer was there and was not changed."""
    if timer.name not in facts.first:
        return 0
    since = max(moment for moment in (now - DAY, facts.first[timer.name], setting.changed_at) if moment)
    return missed_runs(schedule, since, now, count_runs(transaction, timer.name, since))


def _words(schedule: Schedule, zone: str, now: datetime) -> ScheduleWords:
    return ScheduleWords.model_validate(asdict(words_of(schedule, zone, now)))


def _bounds(timer: Timer) -> BoundsDocument:
    fastest, slowest = timer.bounds.fastest, timer.bounds.slowest
    return BoundsDocument(
        pausable=timer.is_pausable,
        times_of_day=fastest is None,
        fastest_seconds=fastest and round(fastest.total_seconds()),
        slowest_seconds=slowest and round(slowest.total_seconds()),
    )


def _alert(alert: TimerAlert) -> AlertDocument:
    return AlertDocument(id=alert.id, kind=alert.kind, since=alert.began_at, acts=alert.acts)
