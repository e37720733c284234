"""SQL → snapshot: revenue from orders and imports, plans and weather, up to an origin."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from functions.forecast.engine.data import raw_inputs
from functions.forecast.engine.data.events import LEAST_APART, MOST_APART
from functions.forecast.engine.data.plans import PlannedDays
from functions.forecast.engine.data.raw_inputs import ClosedByHours, RawInputs
from functions.forecast.engine.data.snapshot import HISTORY_DAYS, Snapshot
from functions.forecast.engine.settings import HORIZON
from functions.forecast.tables import corrections, history, plans, stores, weather
from functions.forecast.tables.batches import Batch
from functions.forecast.tables.corrections import StoredCorrection
from functions.forecast.tables.history import STORES_PER_COMMIT, DailyRevenue
from functions.forecast.tables.plans import Plan
from shared.spine.db import Transaction
from shared.spine.env import Environment

REFUND_DAYS = 14  # refunds change the revenue of a day for two weeks


def refresh_history(env: Environment, chain: str, store_ids: Sequence[str], origin: date, *, all_days: bool) -> None:
    """Copy daily revenue from orders: the days since the last copy, and those that refunds may have changed.

    `all_days` copies every day, because orders of long ago may have come since.
    """
    first_day = origin - timedelta(days=HISTORY_DAYS - 1)
    for start in range(0, len(store_ids), STORES_PER_COMMIT):
        chunk = store_ids[start : start + STORES_PER_COMMIT]
        # The sum over two years of orders takes a while. A transaction would block changes of the table meanwhile.
        with env.db.statements() as statements:
            newest = {} if all_days else history.read_newest_from_orders(statements, chain, chunk)
            begin = {store: _first_changed_day(newest.get(store), first_day) for store in chunk}
            days = [*_daily_revenue(statements, chain, begin, origin)]
        with env.db.transaction() as transaction:
            history.upsert_history(transaction, chain, days)


def read_snapshot(env: Environment, chain: str, country: str, batch: Batch, origin: date) -> Snapshot:
    """The snapshot of a batch; the corrections of its history are stored. Raises `Rejected` for an invalid history."""
    raw = _read_raw(env, chain, country, batch.stores, origin)
    snapshot = raw_inputs.snapshot_of(raw)
    stored = [StoredCorrection(batch.run, **vars(correction)) for correction in snapshot.history.corrections]
    with env.db.transaction() as transaction:
        corrections.insert_corrections(transaction, chain, stored, batch.batch)
    return snapshot


def read_plans_year_ago(env: Environment, chain: str, day: date) -> list[PlannedDays]:
    """The plans of the chain about one year before `day`, among them the event with which one may be compared."""
    first_day, last_day = day - MOST_APART, day - LEAST_APART
    with env.db.transaction() as transaction:
        return [planned_days(plan) for plan in plans.read_plans(transaction, chain, first_day, last_day)]


def planned_days(plan: Plan) -> PlannedDays:
    """The plan as the engine has it."""
    return PlannedDays(plan.kind, plan.store, plan.first_day, plan.last_day, plan.note)


def _read_raw(env: Environment, chain: str, country: str, store_ids: Sequence[str], origin: date) -> RawInputs:
    first_day, end = origin - timedelta(days=HISTORY_DAYS - 1), origin + timedelta(days=HORIZON)
    with env.db.transaction() as transaction:
        planned = plans.read_plans(transaction, chain, first_day, end)
        closed = stores.read_closed_days(transaction, chain, origin + timedelta(days=1), end)
        return RawInputs(
            country=country,
            first_day=first_day,
            origin=origin,
            history=history.read_histories(transaction, chain, store_ids, first_day, origin),
            plans=[planned_days(plan) for plan in planned],
            closed_by_hours=[ClosedByHours(day.store, day.weekday, day.day) for day in closed],
            weather=weather.read_weather_of_stores(transaction, chain, store_ids, first_day, end),
        )


def _daily_revenue(
    transaction: Transaction, chain: str, begin: dict[str, date], origin: date
) -> Iterator[tuple[str, DailyRevenue]]:
    for store, first_day in begin.items():
        for day in history.read_daily_revenue(transaction, chain, store, first_day, origin):
            yield store, day


def _first_changed_day(newest: date | None, first_day: date) -> date:
    return max(first_day, newest - timedelta(days=REFUND_DAYS)) if newest else first_day
