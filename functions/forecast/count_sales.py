"""forecast.ready → the sales of the newest days are counted by half-hour and item, and the profiles are new"""

from collections.abc import Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from functions.forecast.pipeline.day_counts import day_sales
from functions.forecast.pipeline.half_hours import PROFILE_DAYS, half_hour_shares, orders_per_amount
from functions.forecast.pipeline.items import ITEM_DAYS, item_rates
from functions.forecast.tables import day_sales as tables
from functions.forecast.tables.batches import read_batches
from functions.forecast.tables.day_sales import CountedDays, DaySales
from functions.forecast.tables.profiles import replace_profiles
from functions.forecast.tables.stores import ChainStore, read_stores
from shared.contracts.messages import Message
from shared.contracts.messages.forecast import ForecastReady
from shared.spine import entry
from shared.spine.db import Transaction
from shared.spine.env import Environment

LATE_DAYS = 3  # orders of a till that was offline come later
# Days before the first counted one that a night adds: half a year at once would take longer than the function may.
EARLIER_DAYS = 28


def count_sales(message: Message[ForecastReady], env: Environment) -> None:
    """Count the days of each store of the run; the same message again counts the newest days again."""
    ready = message.data
    with env.db.transaction() as transaction:
        in_run = {store for batch in read_batches(transaction, ready.run) for store in batch.stores}
        stores = [store for store in read_stores(transaction, ready.chain) if store.store in in_run]
    for store in stores:
        _count_store(env, ready.chain, store, ready.origin)


def _count_store(env: Environment, chain: str, store: ChainStore, origin: date) -> None:
    begin = origin - timedelta(days=PROFILE_DAYS - 1)
    with env.db.statements() as statements:
        counted = tables.read_counted_days(statements, chain, store.store)
        new_days = [
            day
            for first_day, last_day in days_to_count(counted, begin, origin)
            for day in _read_days(statements, chain, store, first_day, last_day)
        ]
    with env.db.transaction() as transaction:
        tables.upsert_day_sales(transaction, chain, store.store, new_days)
        tables.delete_old_day_sales(transaction, chain, store.store, begin)
        days = tables.read_day_sales(transaction, chain, store.store, begin)
        _replace_profiles(transaction, chain, store.store, days)


def days_to_count(counted: CountedDays | None, begin: date, origin: date) -> list[tuple[date, date]]:
    """First and last day of what a night counts: the newest days, and some before the first counted one."""
    if counted is None or counted.last_day < begin:
        return [(max(begin, origin - timedelta(days=EARLIER_DAYS - 1)), origin)]
    newest = (max(begin, counted.last_day - timedelta(days=LATE_DAYS - 1)), origin)
    last_day = counted.first_day - timedelta(days=1)
    earlier = (max(begin, last_day - timedelta(days=EARLIER_DAYS - 1)), last_day)
    return [days for days in (newest, earlier) if days[0] <= days[1]]


def _read_days(
    transaction: Transaction, chain: str, store: ChainStore, first_day: date, last_day: date
) -> list[DaySales]:
    """Each of the days; one without orders has none."""
    timezone = ZoneInfo(store.timezone)
    by_day = dict(tables.read_order_sales(transaction, chain, store.store, first_day, last_day))
    days = [first_day + timedelta(days=number) for number in range((last_day - first_day).days + 1)]
    return [day_sales(day, by_day.get(day, ()), timezone) for day in days]


def _replace_profiles(transaction: Transaction, chain: str, store: str, days: Sequence[DaySales]) -> None:
    recent = [day for day in days if day.day > days[-1].day - timedelta(days=ITEM_DAYS)] if days else []
    ratio = orders_per_amount(recent)
    if ratio > 0:
        replace_profiles(transaction, chain, store, half_hour_shares(days), item_rates(days), ratio)


handler = entry.queue(ForecastReady, count_sales)
