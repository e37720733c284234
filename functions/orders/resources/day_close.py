"""POST /v1/days/{store}/{day}/close."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Literal

from pydantic import Field

from functions.orders.accounts.day_moved import LOOK_BACK, NO_CLOSE
from functions.orders.accounts.day_report import DrawerCount
from functions.orders.resources.days import DayPath, built_report, known_day, store_of
from functions.orders.tables.day_closes import (
    Close,
    Span,
    insert_close,
    read_last_close,
    read_open_bills,
    update_close,
    update_counted,
)
from shared.contracts.messages.days import CashMove, DayClosed, day_subject
from shared.contracts.models import Input
from shared.contracts.moments import Day
from shared.contracts.money import Amount, SignedAmount, SumOfAmounts
from shared.contracts.store_record import Store
from shared.contracts.text import Method, Name, Note
from shared.spine.db import Duplicate
from shared.spine.errors import Conflict, Fault, Rejected, Unavailable
from shared.spine.http import Call, Reply
from shared.spine.outbox import Work

ATTEMPTS = 3
# A report is built within one request.
MOST_ORDERS = 20_000
# Clocks and the end of the day may move the look back by a day or two.
MARGIN = timedelta(days=9)
MOST_MOVES = 100


class CountedTenderIn(Input):
    """The counted money of one tender. Of cash it includes the float."""

    method: Method
    amount: Annotated[SumOfAmounts, Field(ge=0)]


class CashMoveIn(Input):
    """Cash that was put into the drawer, or taken out of it (less than 0): paid-out tips, the way to the bank."""

    amount: SignedAmount
    reason: Note
    person: Name | None = None


class CloseIn(Input):
    """The counted money, and the person who closes the day.

    The first close of a store counts from `since`: money of before is in no close.
    """

    counted: Annotated[list[CountedTenderIn], Field(max_length=50)] = []
    opening_float: Annotated[Amount, Field(description="Cash in the drawer at the start of the day.")] = 0
    moves: Annotated[list[CashMoveIn], Field(max_length=MOST_MOVES)] = []
    person: Name | None = None
    open_bills: Annotated[
        Literal["refuse", "keep"],
        Field(description="`keep` closes the day with open bills; the close after their payment counts them."),
    ] = "refuse"
    since: Annotated[Day | None, Field(description="For the first close of a store. By default the closed day.")] = None

    @property
    def drawer_count(self) -> DrawerCount:
        """The counted money, as the report takes it."""
        moves = tuple(CashMove(**dict(move)) for move in self.moves)
        return DrawerCount({count.method: count.amount for count in self.counted}, self.opening_float, moves)


@dataclass(frozen=True)
class _Closing:
    """A close under way: the store, the span that it counts, and the time."""

    store: Store
    number: int
    span: Span
    now: datetime
    first: bool


def close_day(call: Call, path: DayPath, body: CloseIn) -> Reply:
    """Close a business day. Its report gets the store's next number and never changes.

    It counts the orders, payments and refunds of the day and before that no close has counted.
    """
    with call.once() as (work, stored_reply):
        store = store_of(call, work, path.store, "days:close")
        closing = _begin(work, store, path.day, body, call.env.clock())
        open_bills = _open_bills(work, closing.span, body)
        _count(work, closing)
        about = {"closed_at": closing.now, "person": body.person, "client": call.client.id, "open_bills": open_bills}
        report = built_report(work, store, closing.span, body.drawer_count, number=closing.number, **about)
        stored_reply.reply = report.model_dump_json()
        stored_reply.status, stored_reply.subject = HTTPStatus.CREATED, day_subject(store.key)
        update_close(work, store.key, Close(closing.number, path.day, stored_reply.reply))
        work.announce(
            DayClosed(report=report), subject=day_subject(store.key), sequence=closing.number, store=store.key
        )
    return Reply(stored_reply.reply, HTTPStatus.CREATED, {"Location": f"/v1/days/{path.store}/{path.day}"})


def _begin(work: Work, store: Store, day: date, body: CloseIn, now: datetime) -> _Closing:
    """Take the next number. Raises `Conflict` when the day, or a later one, is closed."""
    known_day(store, day, now)
    for _ in range(ATTEMPTS):
        last = read_last_close(work, store.key)
        if last and day <= last.day:
            raise Conflict("day_closed", f"{last.day} is closed", extensions={"number": last.number})
        number = last.number + 1 if last else 1
        try:
            insert_close(work, store.key, Close(number, day), now)
        except Duplicate:
            continue
        return _Closing(store, number, Span(store.key, _since(last, day, body), day, number), now, first=last is None)
    raise Unavailable("busy", "another close of this store is under way", retry_after=1)


def _since(last: Close | None, day: date, body: CloseIn) -> date:
    """The first day of which rows can be uncounted."""
    if last:
        return last.day - LOOK_BACK - MARGIN
    if body.since and body.since > day:
        fault = Fault("since", "after_the_day", "the day is before `since`", body.since.isoformat())
        raise Rejected("body_invalid", "the day is before `since`", faults=(fault,))
    return body.since or day


def _open_bills(work: Work, span: Span, body: CloseIn) -> list[str]:
    bills = read_open_bills(work, replace(span, since=span.day - LOOK_BACK), MOST_MOVES)
    if bills and body.open_bills == "refuse":
        detail = "close these bills first, or send open_bills: keep"
        raise Conflict("bills_open", detail, extensions={"orders": bills})
    return bills


def _count(work: Work, closing: _Closing) -> None:
    """Mark the rows of the close. Before the first close, mark earlier rows as counted by none."""
    span = closing.span
    if closing.first:
        before = span.since - timedelta(days=1)
        update_counted(work, Span(span.store, before - LOOK_BACK - MARGIN, before, NO_CLOSE))
    if update_counted(work, span) > MOST_ORDERS:
        raise Rejected("too_many_orders", f"a close counts at most {MOST_ORDERS} orders; close an earlier day first")
