"""GET /v1/days/{store}, /v1/days/{store}/{day} and /v1/days/{store}/{day}/csv."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import Field

from functions.orders.accounts.day_csv import csv_of
from functions.orders.accounts.day_figures import (
    Figures,
    is_sale,
    order_figures,
    payment_figures,
    refund_figures,
)
from functions.orders.accounts.day_moved import LOOK_BACK
from functions.orders.accounts.day_report import DrawerCount, report_of
from functions.orders.intake import store_copies
from functions.orders.tables.day_closes import (
    Span,
    read_close,
    read_close_after,
    read_closes,
    read_corrections,
    read_counted_orders,
    read_counted_payments,
    read_counted_refunds,
    read_last_close,
    read_open_bills,
)
from shared.contracts.messages.days import DayReport
from shared.contracts.messages.order_parts import BillStatus
from shared.contracts.messages.orders import FulfilmentStatus, Order
from shared.contracts.models import Output, Query
from shared.contracts.moments import Day
from shared.contracts.store_record import Store
from shared.contracts.stores import StoreReference, find_store
from shared.spine.db import Transaction
from shared.spine.errors import Fault, NotFound, Rejected
from shared.spine.http import Call, Reply

MARGIN = timedelta(days=9)
MOST_BILLS = 100


class DaysPath(Query):
    """A store."""

    store: StoreReference


class DayPath(DaysPath):
    """A business day of a store."""

    day: Day


class ClosesQuery(Query):
    """A page of closes. `before` is `next` of the page before."""

    before: Annotated[int, Field(ge=1, le=2**32)] = 2**32
    limit: Annotated[int, Field(ge=1, le=100)] = 31


class Closes(Output):
    """Closes of a store, the newest first. `next` is the value of `before` for the next page."""

    closes: list[DayReport]
    next: int | None


def list_closes(call: Call, path: DaysPath, query: ClosesQuery) -> Reply:
    """The closed days of a store, the newest first."""
    with call.env.db.snapshot() as transaction:
        store = store_of(call, transaction, path.store, "days:read")
        rows = read_closes(transaction, store.key, query.before, query.limit + 1)
    closes = [DayReport.model_validate_json(row["report"]) for row in rows[: query.limit]]
    return Reply(Closes(closes=closes, next=closes[-1].number if len(rows) > query.limit else None))


def get_day(call: Call, path: DayPath) -> Reply:
    """The report of a closed day as it was closed, or the running report of a day that is not closed."""
    return Reply(_report(call, path))


def get_day_csv(call: Call, path: DayPath) -> Reply:
    """The same report as a table: section, name, field, value. Amounts are in the currency's major unit."""
    report = _report(call, path)
    name = f"day-{report.store}-{report.day}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Reply(csv_of(report), 200, headers, "text/csv")


def _report(call: Call, path: DayPath) -> DayReport:
    now = call.env.clock()
    with call.env.db.snapshot() as transaction:
        store = store_of(call, transaction, path.store, "days:read")
        known_day(store, path.day, now)
        close = read_close(transaction, store.key, path.day)
        if close:
            return DayReport.model_validate_json(close.report)
        if later := read_close_after(transaction, store.key, path.day):
            extensions = {"number": later.number, "day": later.day.isoformat()}
            raise NotFound("day_not_closed", f"the close of {later.day} counted this day", extensions=extensions)
        last = read_last_close(transaction, store.key)
        span = Span(store.key, last.day - LOOK_BACK - MARGIN if last else path.day, path.day)
        open_bills = read_open_bills(transaction, span, MOST_BILLS)
        return built_report(transaction, store, span, DrawerCount(), open_bills=open_bills)


def store_of(call: Call, transaction: Transaction, reference: str, right: str) -> Store:
    """The store that the path names. Raises `NotFound`, and `Rejected` without the right."""
    scope = find_store(transaction, call.client, reference)
    call.client.require(right, scope)
    return store_copies.recent_copy(call.env, transaction, scope.key)


def known_day(store: Store, day: date, now: datetime) -> None:
    """Raises `Rejected` for a day that has not begun."""
    today = store.day_of(now)
    if day > today:
        fault = Fault("day", "in_the_future", "the business day has not begun", day.isoformat(), today.isoformat())
        raise Rejected("day_not_begun", "the business day has not begun", faults=(fault,))


def built_report(transaction: Transaction, store: Store, span: Span, count: DrawerCount, **about: Any) -> DayReport:
    """The report of the rows of the span. `about` has its fields that are no sums."""
    timezone = ZoneInfo(store.settings.timezone)
    figures: Figures = Figures()
    unpaid = 0
    for order in read_counted_orders(transaction, span):
        figures.update(order_figures(order, timezone))
        unpaid += is_unpaid(order)
    corrections = read_corrections(transaction, span)
    for _, counted in corrections:
        figures.subtract(counted)
    figures.update(payment_figures(read_counted_payments(transaction, span), timezone))
    figures.update(refund_figures(read_counted_refunds(transaction, span), timezone))
    return report_of(figures, store, span.day, count, corrected=len(corrections), unpaid=unpaid, **about)


def is_unpaid(order: Order) -> bool:
    """Whether the order is no sale yet, but can become one."""
    over = order.fulfilment == FulfilmentStatus.CANCELLED or order.bill == BillStatus.MERGED
    return not (over or is_sale(order))
