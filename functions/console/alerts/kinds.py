"""The kinds of alerts that messages open and end. A concern adds a kind by one row here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from shared.contracts.messages import Message

# The states of a notice for which no outlet has to answer.
NOTICE_ENDS = frozenset({"confirmed", "declined", "expired", "cancelled"})
Facts = Mapping[str, Any]
Urgency = Literal["now", "today"]


@dataclass(frozen=True)
class Kind:
    """Alerts of one kind. `right` sees them, and `settles` is the right to say that they are seen to.

    `facts_of` gives the facts of an opening message, or None for one that needs no person. Of the types in `ends`, a
    message ends an alert where `is_end` says so. `once`: it opens and ends once. Such an end is stored only where the
    alert is, because most subjects end without any alert.
    """

    name: str
    right: str
    settles: str
    urgency: Urgency
    opens: str
    ends: tuple[str, ...]
    facts_of: Callable[[Mapping[str, Any]], Facts | None]
    is_end: Callable[[Mapping[str, Any]], bool] = lambda _: True
    once: bool = False


def _order_facts(data: Mapping[str, Any]) -> Facts | None:
    order = data["order"]
    return {"order": order["id"], "number": order["source"]["number"], "points": len(order.get("differences", ()))}


def _day_facts(data: Mapping[str, Any]) -> Facts | None:
    """A day whose counted cash is not the expected cash."""
    report, drawer = data["report"], data["report"].get("drawer") or {}
    if not drawer.get("difference"):
        return None
    return {name: report.get(name) for name in ("day", "number", "currency")} | {"difference": drawer["difference"]}


def _system_facts(data: Mapping[str, Any]) -> Facts:
    return {name: data[name] for name in ("system", "reason", "failures") if name in data}


def _difference_facts(data: Mapping[str, Any]) -> Facts:
    names = ("system", "reconciliation", "day_from", "day_until", "documents", "gross")
    return {name: data[name] for name in names if name in data}


def _escalation_facts(data: Mapping[str, Any]) -> Facts:
    return {name: data[name] for name in ("notice", "order", "action")}


def _robot_facts(data: Mapping[str, Any]) -> Facts:
    return {name: data[name] for name in ("robot", "channel", "failure")}


def _is_over(data: Mapping[str, Any]) -> bool:
    """Whether the outlet need not answer any more."""
    return data["state"] in NOTICE_ENDS


MESSAGE_KINDS = (
    Kind("order_differs", "orders:read", "orders:change", "today", "order.differs", (), _order_facts),
    Kind("day_difference", "days:read", "days:close", "today", "day.closed", (), _day_facts),
    Kind(
        "system_failing", "sync:read", "sync:manage", "now", "sync.system_failing", ("sync.system_recovered",),
        _system_facts,
    ),
    Kind(
        "outlet_escalated", "outlets:read", "orders:fulfil", "now", "outlet.escalated",
        ("outlet.order_answered", "outlet.notice_changed"), _escalation_facts, _is_over, once=True,
    ),
    Kind(
        "outlet_robot", "outlets:read", "outlets:manage", "now", "outlet.robot_failing", ("outlet.robot_recovered",),
        _robot_facts,
    ),
    Kind("sync_difference", "sync:read", "sync:manage", "today", "sync.difference_found", (), _difference_facts),
)  # fmt: skip
BY_NAME = {kind.name: kind for kind in MESSAGE_KINDS}
TYPES = frozenset({kind.opens for kind in MESSAGE_KINDS} | {end for kind in MESSAGE_KINDS for end in kind.ends})


@dataclass(frozen=True)
class Opening:
    """A message that opens an alert of a kind. Without `facts` it ends the alert."""

    kind: Kind
    facts: Facts | None


def opening_of(message: Message[Any]) -> Opening | None:
    """The alert that a message opens or ends. None for a message of no kind, or one that needs no person."""
    for kind in MESSAGE_KINDS:
        if message.type in kind.ends and kind.is_end(dict(message.data)):
            return Opening(kind, None)
        if message.type == kind.opens and (facts := kind.facts_of(dict(message.data))) is not None:
            return Opening(kind, facts)
    return None
