"""GET /v1/delivery-stores/{store}/numbers: how a store delivers, by day, and before and after its pilot began."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self, TypeVar
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from functions.delivery.numbers.summary import (
    Delays,
    Outcome,
    count_outcomes,
    mean_stars,
    stage_minutes,
)
from functions.delivery.resources.access import READ, store_scope
from functions.delivery.resources.store_settings import StorePath
from functions.delivery.tables.numbers import read_calendar, read_delays, read_outcomes
from functions.delivery.tables.stores import read_store
from shared.contracts.models import Output, Query
from shared.contracts.moments import Day
from shared.contracts.text import Id
from shared.spine.clock import business_day
from shared.spine.db import Transaction
from shared.spine.http import Call, Reply

Found = TypeVar("Found")
MOST_DAYS = 31
# A pilot is compared over four weeks on each side, so that each has the same weekdays.
PILOT = timedelta(weeks=4)


class NumbersQuery(Query):
    """Business days of the store, from `from` up to but without `until`, at most 31."""

    chain: Id
    from_: Day = Field(alias="from")
    until: Day

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if not timedelta(0) < self.until - self.from_ <= timedelta(days=MOST_DAYS):
            raise ValueError(f"until is 1 to {MOST_DAYS} days after from")
        return self


class StageMinutes(Output):
    """Median and 90th percentile of a stage, in minutes."""

    p50: float
    p90: float


class StoreNumbers(Output):
    """Numbers of deliveries whose promised time ends in a period. `declines` has offers without an answer, too.

    `on_time`: at the door before the end of the promised time. Of `stages`, `pack` and `assign` begin with the order.
    `to_store` begins with the acceptance, `wait` with the packed goods, and `ride` with the pickup. `total` is from
    order to door. Deliveries for a chosen time do not count in `pack`, `assign` and `total`.
    `messages` are about deliveries. Their delay until the first fetch is exact to 26 %. They are kept for 30 days.
    """

    deliveries: int
    delivered: int
    on_time: int
    failed: int
    cancelled: int
    declines: int
    complaints: int
    stars: float | None
    stages: dict[str, StageMinutes | None]
    messages: int
    messages_fetched: int
    message_seconds_p50: float | None
    message_seconds_p90: float | None


class DayNumbers(StoreNumbers):
    """Numbers of a business day."""

    day: date


class NumbersDocument(Output):
    """Numbers by day, of all the days, and of four weeks `before` and `since` the pilot began.

    `before` and `since` are empty for a store without a pilot, and where those weeks have not begun.
    """

    store: str
    chain: str
    days: list[DayNumbers]
    all_days: StoreNumbers
    pilot_from: date | None
    before: StoreNumbers | None
    since: StoreNumbers | None


def get_numbers(call: Call, path: StorePath, query: NumbersQuery) -> Reply:
    """Read how a store delivers. Today's numbers are of this moment."""
    with call.env.db.snapshot() as transaction:
        scope = store_scope(call, transaction, READ, query.chain, path.store)
        period = _Period(transaction, scope.key, call.env.clock())
        days, all_days = period.by_day(query.from_, query.until)
        pilot = read_store(transaction, scope.key).pilot_from
        before = period.summary(pilot - PILOT, pilot) if pilot else None
        since = period.summary(pilot, pilot + PILOT) if pilot else None
    return Reply(
        NumbersDocument(
            store=path.store,
            chain=query.chain,
            days=days,
            all_days=all_days,
            pilot_from=pilot,
            before=before,
            since=since,
        )
    )


class _Period:
    """Reads numbers of business days of one store."""

    def __init__(self, transaction: Transaction, store: str, now: datetime) -> None:
        self._transaction, self._store, self._now = transaction, store, now
        self._calendar = read_calendar(transaction, store)

    def by_day(self, first: date, end: date) -> tuple[list[DayNumbers], StoreNumbers]:
        """(numbers of each day, numbers of all days)."""
        since, until = self._begin(first), self._begin(end)
        outcomes = read_outcomes(self._transaction, self._store, since, until)
        delays = read_delays(self._transaction, self._store, since, until)
        outcomes_of = _grouped((self._day(outcome.wanted_until), outcome) for outcome in outcomes)
        delays_of = _grouped((self._day(since + timedelta(hours=hour)), found) for hour, found in delays.items())
        days = (first + timedelta(days=number) for number in range((end - first).days))
        by_day = [DayNumbers(day=day, **_fields(outcomes_of[day], delays_of[day])) for day in days]
        return by_day, StoreNumbers(**_fields(outcomes, list(delays.values())))

    def summary(self, first: date, end: date) -> StoreNumbers | None:
        """Numbers of all days together; None when the first has not begun."""
        since, until = self._begin(first), self._begin(end)
        if since > self._now:
            return None
        outcomes = read_outcomes(self._transaction, self._store, since, until)
        delays = read_delays(self._transaction, self._store, since, until)
        return StoreNumbers(**_fields(outcomes, list(delays.values())))

    def _begin(self, day: date) -> datetime:
        """The first moment of a business day, in UTC."""
        return datetime.combine(day, self._ends_at, ZoneInfo(self._calendar.timezone)).astimezone(UTC)

    def _day(self, moment: datetime) -> date:
        return business_day(moment, self._calendar.timezone, self._ends_at)

    @property
    def _ends_at(self) -> time:
        return time.fromisoformat(self._calendar.day_ends_at.replace("24:00", "00:00"))


def _grouped(pairs: Iterable[tuple[date, Found]]) -> defaultdict[date, list[Found]]:
    groups: defaultdict[date, list[Found]] = defaultdict(list)
    for day, found in pairs:
        groups[day].append(found)
    return groups


def _fields(outcomes: list[Outcome], delays: list[Delays]) -> dict[str, Any]:
    delay = sum(delays, Delays())
    stages = stage_minutes(outcomes).items()
    return {
        **count_outcomes(outcomes),
        "stars": mean_stars(outcomes),
        "stages": {stage: StageMinutes(p50=found.p50, p90=found.p90) if found else None for stage, found in stages},
        "messages": delay.by_step.total() + delay.unfetched,
        "messages_fetched": delay.by_step.total(),
        "message_seconds_p50": delay.seconds(0.5),
        "message_seconds_p90": delay.seconds(0.9),
    }
