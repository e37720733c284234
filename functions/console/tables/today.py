"""SQL of a business day of a chain: takings by hour and by store, and the forecast."""

from collections.abc import Sequence
from datetime import date

from shared.spine.db import Row, Transaction

_STORES = "AND store_id IN %(stores)s"
SELECT_HOURS_OF_CHAIN = """
    SELECT business_day, hour, currency, orders, revenue FROM takings_chain_hours
    WHERE chain_id = %(chain)s AND business_day = %(day)s"""
SUM_HOURS_OF_STORES = f"""
    SELECT business_day, hour, currency, SUM(orders) AS orders, SUM(revenue) AS revenue FROM takings_hours
    WHERE chain_id = %(chain)s AND business_day = %(day)s {_STORES}
    GROUP BY business_day, hour, currency"""  # noqa: S608 - of a constant
_SELECT_DAYS = """
    SELECT store_id, currency, orders, revenue FROM takings_days
    WHERE chain_id = %(chain)s AND business_day = %(day)s {stores} ORDER BY revenue DESC LIMIT %(limit)s"""
SELECT_BEST_DAYS = _SELECT_DAYS.format(stores="")
SELECT_DAYS_OF_STORES = _SELECT_DAYS.format(stores=_STORES)
_COUNT_SELLING = """
    SELECT COUNT(DISTINCT store_id) AS stores FROM takings_days
    WHERE chain_id = %(chain)s AND business_day = %(day)s {stores}"""
COUNT_SELLING = _COUNT_SELLING.format(stores="")
COUNT_SELLING_OF_STORES = _COUNT_SELLING.format(stores=_STORES)
# A run forecasts the chain in one evening; the newest one before the day counts.
SELECT_ORIGIN = """
    SELECT MAX(origin) AS origin FROM forecast_days
    WHERE chain_id = %(chain)s AND day = %(day)s AND origin <= %(day)s"""
_OF_FORECAST = "WHERE chain_id = %(chain)s AND day = %(day)s AND origin = %(origin)s"
_SUM_FORECAST = f"""
    SELECT hour, SUM(revenue) AS revenue, SUM(orders) AS orders FROM forecast_hours {_OF_FORECAST} {{stores}}
    GROUP BY hour"""  # noqa: S608 - of a constant
SUM_FORECAST = _SUM_FORECAST.format(stores="")
SUM_FORECAST_OF_STORES = _SUM_FORECAST.format(stores=_STORES)
SELECT_FORECASTS = f"SELECT store_id, p50 FROM forecast_days {_OF_FORECAST} {_STORES}"  # noqa: S608 - of constants
_TOTAL_FORECAST = f"""
    SELECT SUM(mean) AS revenue, COUNT(*) AS stores FROM forecast_days {_OF_FORECAST} {{stores}}"""  # noqa: S608
TOTAL_FORECAST = _TOTAL_FORECAST.format(stores="")
TOTAL_FORECAST_OF_STORES = _TOTAL_FORECAST.format(stores=_STORES)


def read_hours(transaction: Transaction, chain: str, day: date, stores: Sequence[str]) -> list[Row]:
    """business_day, hour, currency, orders and revenue of a day. Without `stores` of the whole chain."""
    values = {"chain": chain, "day": day} | _of(stores)
    return transaction.rows(SUM_HOURS_OF_STORES if stores else SELECT_HOURS_OF_CHAIN, values)


def read_best_days(transaction: Transaction, chain: str, day: date, stores: Sequence[str], limit: int) -> list[Row]:
    """store_id, currency, orders and revenue, most revenue first. Without `stores` of the whole chain."""
    values = {"chain": chain, "day": day, "limit": limit} | _of(stores)
    return transaction.rows(SELECT_DAYS_OF_STORES if stores else SELECT_BEST_DAYS, values)


def count_selling(transaction: Transaction, chain: str, day: date, stores: Sequence[str]) -> int:
    """How many stores have takings on the day. Without `stores` of the whole chain."""
    values = {"chain": chain, "day": day} | _of(stores)
    [row] = transaction.rows(COUNT_SELLING_OF_STORES if stores else COUNT_SELLING, values)
    return int(row["stores"])


def read_origin(transaction: Transaction, chain: str, day: date) -> date | None:
    """The origin of the newest forecast of the day."""
    row = transaction.row(SELECT_ORIGIN, {"chain": chain, "day": day})
    return row["origin"] if row else None


def read_forecast_hours(
    transaction: Transaction, chain: str, day: date, forecast_origin: date, stores: Sequence[str]
) -> list[Row]:
    """hour, revenue and orders of the forecast. Without `stores` of the whole chain."""
    values = {"chain": chain, "day": day, "origin": forecast_origin} | _of(stores)
    return transaction.rows(SUM_FORECAST_OF_STORES if stores else SUM_FORECAST, values)


def read_forecast_total(
    transaction: Transaction, chain: str, day: date, forecast_origin: date, stores: Sequence[str]
) -> Row | None:
    """revenue, and the number of stores in it. Without `stores` of the whole chain."""
    values = {"chain": chain, "day": day, "origin": forecast_origin} | _of(stores)
    return transaction.row(TOTAL_FORECAST_OF_STORES if stores else TOTAL_FORECAST, values)


def read_forecasts(
    transaction: Transaction, chain: str, day: date, forecast_origin: date, stores: Sequence[str]
) -> dict[str, int]:
    """The median forecast of each of the stores."""
    if not stores:
        return {}
    values = {"chain": chain, "day": day, "origin": forecast_origin, "stores": tuple(stores)}
    return {row["store_id"]: row["p50"] for row in transaction.rows(SELECT_FORECASTS, values)}


def _of(stores: Sequence[str]) -> dict[str, tuple[str, ...]]:
    return {"stores": tuple(stores)} if stores else {}
