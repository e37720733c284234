"""POST /v1/timers/{timer}/run, /pause, /resume and /schedule."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time
from http import HTTPStatus
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from functions.timers.keeping.announcing import announce
from functions.timers.resources.access import TimerPath, find_timer, require_manager
from functions.timers.schedules.schedule import Daily, Interval, Schedule
from functions.timers.stage.rules import Timer, apply_rule
from functions.timers.tables.settings import Setting, lock_setting, update_setting
from shared.contracts.messages.timers import TimerChanged
from shared.contracts.models import Input, Output
from shared.contracts.store_settings import TimeZone
from shared.contracts.text import Id
from shared.spine import timers
from shared.spine.errors import Conflict, Rejected
from shared.spine.http import Call, Reply
from shared.spine.idempotency import replay
from shared.spine.outbox import Work

Change = Callable[[Setting], Setting]


class TimerChange(Input):
    """The chain of the caller's right."""

    chain: Id


class IntervalIn(Input):
    """Every `count` minutes, hours or days."""

    count: int = Field(ge=1, le=1000)
    unit: Literal["minute", "hour", "day"]


class DailyIn(Input):
    """Each day at a time of a zone. When the clocks change, the timer stays at this time."""

    at: Annotated[str, StringConstraints(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    zone: TimeZone


class ScheduleChange(TimerChange):
    """The new schedule: `every` or `daily`, within the timer's bounds. Without both the template's holds again."""

    every: IntervalIn | None = None
    daily: DailyIn | None = None


class TimerSetting(Output):
    """The setting of a timer, as people decided. Without `schedule` that of the template holds."""

    timer: str
    paused: bool
    schedule: str | None
    changed_at: datetime | None
    changed_by: str | None


class TimerStarted(Output):
    """The timer was started. Its run appears among its runs."""

    timer: str
    asked_at: datetime


def start_timer(call: Call, path: TimerPath, body: TimerChange) -> Reply:
    """Run a timer now, also a paused one. While a run is at work, an exclusive timer skips this one."""
    assert call.key is not None  # every mutation has one
    with call.env.db.transaction() as transaction:
        require_manager(call, transaction, body.chain)
        replay(transaction, call.key)
    timer = find_timer(call, path.timer)
    # No connection is held meanwhile. Of two requests at once both may start the timer; its overlap rule holds.
    call.env.aws.start(timer.name, {"asked_by": call.client.id})
    with call.once() as (_, stored):
        stored.status = HTTPStatus.ACCEPTED
        stored.reply = TimerStarted(timer=timer.key, asked_at=call.env.clock()).model_dump_json()
    return Reply(stored.reply, stored.status)


def pause_timer(call: Call, path: TimerPath, body: TimerChange) -> Reply:
    """Pause a timer until a person resumes it. A deploy does not end the pause. A run at work ends as usual."""
    timer = find_timer(call, path.timer)
    if not timer.is_pausable:
        raise Conflict("timer_essential", f"{timer.key} cannot be paused: the stage does not work without it")
    by, now = call.client.id, call.env.clock()

    def pause(setting: Setting) -> Setting:
        return setting if setting.is_paused else replace(setting, paused_at=now, paused_by=by)

    return _change(call, timer, body.chain, pause)


def resume_timer(call: Call, path: TimerPath, body: TimerChange) -> Reply:
    """End a pause. The timer runs at its next time."""
    timer = find_timer(call, path.timer)
    return _change(call, timer, body.chain, lambda setting: replace(setting, paused_at=None, paused_by=None))


def change_schedule(call: Call, path: TimerPath, body: ScheduleChange) -> Reply:
    """Change the schedule of a timer within its bounds. A deploy does not undo it."""
    timer = find_timer(call, path.timer)
    schedule = _schedule(body)
    if schedule and (refusal := timer.bounds.refusal(schedule)):
        raise Rejected("schedule_out_of_bounds", refusal)
    return _change(call, timer, body.chain, lambda setting: replace(setting, schedule=schedule))


def _schedule(body: ScheduleChange) -> Schedule | None:
    if body.every and body.daily:
        raise Rejected("schedule_ambiguous", "give `every` or `daily`, not both")
    if body.daily:
        return Daily(time.fromisoformat(body.daily.at), body.daily.zone)
    return Interval(body.every.count, body.every.unit) if body.every else None


def _change(call: Call, timer: Timer, chain: str, change: Change) -> Reply:
    """Store the change and announce it; then the rule gets it. The keeper repeats that each minute where it failed."""
    with call.once() as (work, stored):
        require_manager(call, work, chain)
        before = lock_setting(work, timer.name)
        after = change(before)
        if after != before:
            after = _store(call, work, timer, after)
        stored.reply = TimerSetting(**_state(timer, after)).model_dump_json()
    schedule = after.schedule or timer.default
    apply_rule(call.env.aws, timer, schedule, paused=after.is_paused, now=call.env.clock())
    return Reply(stored.reply)


def _store(call: Call, work: Work, timer: Timer, setting: Setting) -> Setting:
    now, by = call.env.clock(), call.client.id
    setting = replace(setting, changed_at=now, changed_by=by)
    update_setting(work, setting)
    # A timer that rested for days is not late at once.
    timers.note_run_in(work, timer.name, now)
    schedule = str(setting.schedule) if setting.schedule else None
    announce(work, timer.name, TimerChanged(timer=timer.key, paused=setting.is_paused, schedule=schedule, by=by))
    return setting


def _state(timer: Timer, setting: Setting) -> dict[str, object]:
    return {
        "timer": timer.key,
        "paused": setting.is_paused,
        "schedule": str(setting.schedule) if setting.schedule else None,
        "changed_at": setting.changed_at,
        "changed_by": setting.changed_by,
    }
