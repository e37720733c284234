"""The settings of a flow that plans documents, and the forms that its documents have from which business day on."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from functions.sync.states import Flow
from functions.sync.tables.flows import read_flow
from shared.contracts.ids import split_key
from shared.contracts.messages.orders import Order, SourceKind
from shared.spine.db import Transaction
from shared.spine.errors import Conflict

GRACE_HOURS = 3
PER_ORDER, PER_DAY = "order", "day"
# No zone is further ahead of UTC.
FURTHEST_ZONE = timedelta(hours=14)


@dataclass(frozen=True)
class PlanSettings:
    """A day is looked at `grace` after its end.

    `forms`: (business day, form) by day. From that day on there is a document for each order, or for each day and
    tender. `echo_of`: the system's own name, if it sends sales of its till. They do not go back to it.
    """

    forms: tuple[tuple[date, str], ...] = ((date.min, PER_ORDER),)
    grace: timedelta = timedelta(hours=GRACE_HOURS)
    stores: frozenset[str] = field(default_factory=frozenset)
    search_first: bool = False
    echo_of: str | None = None

    def covers(self, store: str) -> bool:
        """Whether the store takes part. An empty list means all stores."""
        return not self.stores or store in self.stores

    def is_per_day(self, day: date) -> bool:
        """Whether the documents of a business day are per day and tender."""
        return [form for begins, form in self.forms if begins <= day][-1] == PER_DAY

    def without_echoes(self, orders: Sequence[Order]) -> list[Order]:
        """The orders that the system does not know yet."""
        return [
            order for order in orders if not (order.source.kind == SourceKind.TILL and order.source.id == self.echo_of)
        ]

    @property
    def is_always_per_day(self) -> bool:
        """Whether no business day has documents per order."""
        return all(form == PER_DAY for _, form in self.forms)


def read_plan_settings(transaction: Transaction, system: str, settings: dict[str, Any] | None = None) -> PlanSettings:
    """The settings of the flow `push_sales` of a system (by its key), or those given, with what else decides."""
    if settings is None:
        flow = read_flow(transaction, system, Flow.PUSH_SALES)
        settings = flow.settings if flow else {}
    reads_sales = read_flow(transaction, system, Flow.PULL_TILL_SALES) is not None
    return plan_settings(settings, split_key(system)[1] if reads_sales else None)


def plan_settings(settings: dict[str, Any], echo_of: str | None = None) -> PlanSettings:
    """The settings of a flow, as they are stored."""
    return PlanSettings(
        tuple((date.fromisoformat(form["from"]), form["per"]) for form in _forms(settings)),
        timedelta(hours=settings.get("grace_hours", GRACE_HOURS)),
        frozenset(settings.get("stores") or ()),
        bool(settings.get("search_first")),
        echo_of,
    )


def _forms(settings: dict[str, Any]) -> list[dict[str, str]]:
    forms: list[dict[str, str]] = settings.get("forms") or [_always(settings.get("per", PER_ORDER))]
    return forms


def _always(per: str) -> dict[str, str]:
    return {"from": date.min.isoformat(), "per": per}


def changed_forms(
    before: dict[str, Any] | None, per: str, per_from: date | None, now: datetime, *, has_documents: bool
) -> Sequence[dict[str, str]]:
    """The forms after new settings, as they are stored. A form that is planned for later may be replaced.

    Raises `Conflict` where the same sales would be sent in both forms.
    """
    if before is None:
        return [_always(per)]
    latest = (now + FURTHEST_ZONE).date()
    begun = [form for form in _forms(before) if form["from"] <= latest.isoformat()]
    if begun[-1]["per"] == per:
        return begun
    if not has_documents:
        return [_always(per)]
    if per_from is None or per_from <= latest:
        detail = (
            f"Sales were sent per {begun[-1]['per']}. Name a business day after {latest} in `per_from`: "
            f"documents of that day and later are per {per}."
        )
        raise Conflict("form_in_use", detail)
    return [*begun, {"from": per_from.isoformat(), "per": per}]
