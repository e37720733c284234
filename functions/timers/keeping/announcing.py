"""Alerts begin and end with a message each, numbered by the timer's own row."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

from functions.timers.states import AlertKind
from functions.timers.tables.alerts import TimerAlert, end_alert, insert_alert
from functions.timers.tables.settings import lock_setting, update_setting
from shared.contracts.messages.timers import TimerFailing, TimerHanging, TimerLate, TimerMessage, TimerRecovered
from shared.spine.outbox import Work

MESSAGES = {AlertKind.LATE: TimerLate, AlertKind.HANGING: TimerHanging, AlertKind.FAILING: TimerFailing}


def begin_alerts(work: Work, name: str, key: str, kinds: Collection[AlertKind], now: datetime) -> None:
    """Begin an alert of each kind that is not open."""
    for kind in sorted(kinds):
        if alert := insert_alert(work, name, kind, now):
            announce(work, name, MESSAGES[kind](timer=key, alert=alert.id, since=alert.began_at, acts=alert.acts))


def end_alerts(work: Work, name: str, key: str, alerts: Iterable[TimerAlert], now: datetime) -> None:
    """End these alerts."""
    for alert in alerts:
        if end_alert(work, alert.id, now):
            about = {"timer": key, "alert": alert.id, "since": alert.began_at, "acts": alert.acts}
            announce(work, name, TimerRecovered(**about, kind=alert.kind.value))


def announce(work: Work, name: str, message: TimerMessage) -> None:
    """Announce a message of the timer as the next of its subject."""
    setting = lock_setting(work, name)
    setting = replace(setting, sequence=setting.sequence + 1)
    update_setting(work, setting)
    work.announce(message, subject=name, sequence=setting.sequence)
