"""Weather by store and day, as people enter it, in columns that they name."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from shared.contracts.ids import store_key
from shared.spine.db import Transaction

EVERY_STORE = "*"  # sorts before any store: the value of the store itself comes last
UPSERT_WEATHER = """
    INSERT INTO forecast_weather (chain_id, name, store_id, day, value)
    VALUES (%(chain)s, %(name)s, %(store_key)s, %(day)s, %(value)s)
    ON DUPLICATE KEY UPDATE value = VALUES(value)"""
# One name after another: DISTINCT would read every day of every store.
SELECT_NEXT_NAME = """
    SELECT name FROM forecast_weather WHERE chain_id = %(chain)s AND name > %(name)s ORDER BY name LIMIT 1"""
SELECT_WEATHER = """
    SELECT name, day, value FROM forecast_weather
    WHERE chain_id = %(chain)s AND name IN %(names)s AND store_id IN %(store_keys)s
        AND day BETWEEN %(first_day)s AND %(last_day)s AND value IS NOT NULL
    ORDER BY store_id, day, name"""
SELECT_WEATHER_OF_STORE = """
    SELECT name, JSON_ARRAYAGG(CONCAT_WS(' ', DATEDIFF(day, %(first_day)s), value)) AS days FROM forecast_weather
    WHERE chain_id = %(chain)s AND name IN %(names)s AND store_id = %(store_key)s
        AND day BETWEEN %(first_day)s AND %(last_day)s AND value IS NOT NULL
    GROUP BY name"""
DELETE_WEATHER = "DELETE FROM forecast_weather WHERE chain_id = %(chain)s AND name = %(name)s LIMIT 50000"


@dataclass(frozen=True)
class WeatherValue:
    """The value of one column on one day; None takes back an earlier value."""

    name: str
    day: date
    value: float | None


def upsert_weather(transaction: Transaction, chain: str, values: Iterable[tuple[str, WeatherValue]]) -> None:
    """Insert or replace values of stores, or of `*`, which stands for every store of the chain."""
    transaction.execute_many(
        UPSERT_WEATHER, ({"chain": chain, "store_key": _key(chain, store), **vars(value)} for store, value in values)
    )


def read_weather_names(transaction: Transaction, chain: str) -> list[str]:
    """The columns that the chain has."""
    names: list[str] = []
    while row := transaction.row(SELECT_NEXT_NAME, {"chain": chain, "name": names[-1] if names else ""}):
        names.append(row["name"])
    return names


def read_weather(
    transaction: Transaction, chain: str, names: Sequence[str], stores: Sequence[str], days: tuple[date, date]
) -> list[WeatherValue]:
    """Values between two days of stores, which may be `*`; the value of a store comes after the one of `*`."""
    if not names or not stores:
        return []
    keys = tuple(_key(chain, store) for store in stores)
    values = {"chain": chain, "names": tuple(names), "store_keys": keys, "first_day": days[0], "last_day": days[1]}
    return [WeatherValue(**row) for row in transaction.rows(SELECT_WEATHER, values)]


def read_weather_of_stores(
    transaction: Transaction, chain: str, stores: Sequence[str], first_day: date, last_day: date
) -> dict[str, list[tuple[str, str]]]:
    """By name, for `*` and then for each store: "days-since-first value" of its days in one text, in any order."""
    names = read_weather_names(transaction, chain)
    by_name: dict[str, list[tuple[str, str]]] = {name: [] for name in names}
    values = {"chain": chain, "names": tuple(names), "first_day": first_day, "last_day": last_day}
    for store in (EVERY_STORE, *stores) if names else ():
        for row in transaction.rows(SELECT_WEATHER_OF_STORE, values | {"store_key": _key(chain, store)}):
            by_name[row["name"]].append((store, " ".join(json.loads(row["days"]))))
    return by_name


def delete_weather(transaction: Transaction, chain: str, name: str) -> bool:
    """Whether the chain had the column."""
    deleted = 0
    while rows := transaction.execute(DELETE_WEATHER, {"chain": chain, "name": name}):
        deleted += rows
    return deleted > 0


def _key(chain: str, store: str) -> str:
    return store if store == EVERY_STORE else store_key(chain, store)
