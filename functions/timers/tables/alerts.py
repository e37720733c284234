"""SQL of the table `timer_alerts`."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from functions.timers.states import AlertKind
from shared.contracts.ids import new_id
from shared.spine.db import Row, Transaction

# Who must act.
OPERATOR = "operator"

INSERT_ALERT = """
    INSERT IGNORE INTO timer_alerts (id, name, kind, began_at, acts, open)
    VALUES (%(id)s, %(name)s, %(kind)s, %(began_at)s, %(acts)s, 1)"""
END_ALERT = "UPDATE timer_alerts SET ended_at = %(now)s, open = NULL WHERE id = %(id)s AND open = 1"
SELECT_OPEN = """
    SELECT id, name, kind, began_at, acts FROM timer_alerts WHERE open = 1 AND name IN %(names)s ORDER BY id"""
SELECT_ALL_OPEN = "SELECT id, name, kind, began_at, acts FROM timer_alerts WHERE open = 1 ORDER BY id"


@dataclass(frozen=True)
class TimerAlert:
    """An alert that has not ended. `acts` names who must act."""

    id: str
    name: str
    kind: AlertKind
    began_at: datetime
    acts: str


def insert_alert(transaction: Transaction, name: str, kind: AlertKind, now: datetime) -> TimerAlert | None:
    """Begin an alert; None where one of its kind is open."""
    alert = TimerAlert(new_id(now), name, kind, now, OPERATOR)
    return alert if transaction.execute(INSERT_ALERT, vars(alert)) else None


def end_alert(transaction: Transaction, alert_id: str, now: datetime) -> bool:
    """End an alert; False where it has ended before."""
    return bool(transaction.execute(END_ALERT, {"id": alert_id, "now": now}))


def read_open_alerts(transaction: Transaction) -> list[TimerAlert]:
    """All alerts that have not ended, the oldest first."""
    return [_alert(row) for row in transaction.rows(SELECT_ALL_OPEN)]


def read_alerts_of(transaction: Transaction, names: Collection[str]) -> dict[str, list[TimerAlert]]:
    """The open alerts of these timers, by name."""
    alerts: dict[str, list[TimerAlert]] = defaultdict(list)
    for row in transaction.rows(SELECT_OPEN, {"names": tuple(names)}) if names else []:
        alerts[row["name"]].append(_alert(row))
    return alerts


def _alert(row: Row) -> TimerAlert:
    return TimerAlert(row["id"], row["name"], AlertKind(row["kind"]), row["began_at"].replace(tzinfo=UTC), row["acts"])
