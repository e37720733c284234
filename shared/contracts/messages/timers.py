"""Messages about timers. A timer works for all chains of a stage, so these messages name no chain."""

from datetime import datetime
from typing import Literal

from shared.contracts.messages import MessageData


class TimerMessage(MessageData):
    """Base of the messages about a timer, such as `outbox_drop_old_keys`."""

    timer: str


class TimerChanged(TimerMessage):
    """A person paused the timer, resumed it, or changed its schedule. Without `schedule` that of its template holds."""

    type = "timer.changed"
    paused: bool
    schedule: str | None
    by: str


class TimerAlertMessage(TimerMessage):
    """Base of the messages about an alert. `acts` names who must act."""

    alert: str
    since: datetime
    acts: str = "operator"


class TimerLate(TimerAlertMessage):
    """The timer has not run at its time."""

    type = "timer.late"


class TimerHanging(TimerAlertMessage):
    """The last run of the timer passed its time limit without an end."""

    type = "timer.hanging"


class TimerFailing(TimerAlertMessage):
    """Three runs or more in a row did not succeed."""

    type = "timer.failing"


class TimerRecovered(TimerAlertMessage):
    """An alert has ended: the timer is in time again, or its last run succeeded. `kind` is that of the alert."""

    type = "timer.recovered"
    kind: Literal["late", "hanging", "failing"]
