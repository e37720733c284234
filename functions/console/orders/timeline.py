"""The messages about an order → steps with a time and a few facts, and the states that the order went through."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from shared.spine.db import Row

KINDS = {
    "order": "order", "print": "print", "printing": "printing", "member": "member", "day": "order",
    "delivery": "delivery", "outlet": "outlet",
}  # fmt: skip
# The profile of the guest is for those who may read members.
LEFT_OUT = {"member.purchased": frozenset({"facts"})}
# The scalar members of a message that its step shows.
FACTS = (
    "kind", "station", "printer", "reprint", "code", "evidence", "agent", "copies", "reason", "before", "after",
    "recalled", "resolution", "by", "moved_from", "begins_at", "deadline", "refund_due", "tag", "job", "goods",
    "carriage", "action", "metres", "state", "ready_minutes",
)  # fmt: skip


@dataclass(frozen=True)
class Step:
    """A message about an order. `data` is the whole data of the message."""

    message: str
    subject: str
    sequence: int
    type: str
    at: datetime
    published_at: datetime | None
    data: Mapping[str, Any]

    @property
    def kind(self) -> str:
        """The part of the chain that the step belongs to."""
        return KINDS.get(self.type.partition(".")[0], "other")

    @property
    def facts(self) -> dict[str, Any]:
        """The members of the message that a person reads first."""
        facts = {name: self.data[name] for name in FACTS if self.data.get(name) is not None}
        for name in ("payment", "refund"):
            if isinstance(money := self.data.get(name), Mapping):
                facts |= {field: money[field] for field in ("amount", "method", "tip") if money.get(field)}
        if isinstance(order := self.data.get("order"), Mapping):
            facts |= {field: order[field] for field in ("payment", "fulfilment") if field in order}
        return facts


def steps_of(rows: Iterable[Row]) -> list[Step]:
    """The steps by time. Steps of one subject stay in their sequence, because clocks of environments differ."""
    latest: dict[str, datetime] = {}
    placed: list[tuple[datetime, Step]] = []
    for row in rows:
        step = _step(row)
        latest[step.subject] = max(step.at, latest.get(step.subject, step.at))
        placed.append((latest[step.subject], step))
    return [step for _, step in sorted(placed, key=lambda pair: pair[0])]


def _step(row: Row) -> Step:
    return Step(
        row["id"],
        row["subject"],
        row["sequence"],
        row["type"],
        row["occurred_at"].replace(tzinfo=UTC),
        row["sent_at"].replace(tzinfo=UTC) if row["sent_at"] else None,
        _without(json.loads(row["body"])["data"], LEFT_OUT.get(row["type"], frozenset())),
    )


def _without(data: Mapping[str, Any], names: frozenset[str]) -> Mapping[str, Any]:
    return {name: value for name, value in data.items() if name not in names} if names else data


def newest_order(steps: Sequence[Step]) -> Mapping[str, Any] | None:
    """The order as its newest message has it."""
    with_order = [step for step in steps if isinstance(step.data.get("order"), Mapping)]
    newest = max(with_order, key=lambda step: step.sequence, default=None)
    return newest.data["order"] if newest else None


def states(steps: Sequence[Step], member: str) -> list[tuple[str, datetime]]:
    """Each state of `payment` or `fulfilment` with its beginning, without repetitions."""
    moves: list[tuple[str, datetime]] = []
    for step in sorted(steps, key=lambda step: step.sequence):
        order = step.data.get("order")
        if isinstance(order, Mapping) and (not moves or moves[-1][0] != order[member]):
            moves.append((order[member], step.at))
    return moves
