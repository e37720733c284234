"""The settings of a chain, with defaults for values that the chain has not set."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from shared.spine.db import Transaction

SELECT_SETTINGS = """
    SELECT timezone, (SELECT settings FROM forecast_settings WHERE chain_id = %(chain)s) AS settings
    FROM store_places WHERE chain_id = %(chain)s ORDER BY store_id LIMIT 1"""
UPSERT_SETTINGS = """
    INSERT INTO forecast_settings (chain_id, settings) VALUES (%(chain)s, %(settings)s)
    ON DUPLICATE KEY UPDATE settings = VALUES(settings)"""


@dataclass(frozen=True)
class ChainSettings:
    """`timezone` is the one of the chain's first store, `country` is ISO 3166 alpha-2, intervals are in days."""

    timezone: str
    country: str
    night_hour: int = 3
    retrain_days: int = 14
    refresh_days: int = 1
    stores_per_batch: int = 1_200


def read_settings(transaction: Transaction, chain: str) -> ChainSettings | None:
    """The settings of the chain, or None if it has no stores. The default country is the one of the time zone."""
    row = transaction.row(SELECT_SETTINGS, {"chain": chain})
    if row is None:
        return None
    country = {"country": country_of(row["timezone"])}
    return ChainSettings(**country | json.loads(row["settings"] or "{}"), timezone=row["timezone"])


def upsert_settings(transaction: Transaction, chain: str, settings: str) -> None:
    """Replace the settings of the chain by this JSON document."""
    transaction.execute(UPSERT_SETTINGS, {"chain": chain, "settings": settings})


@cache
def country_of(timezone: str) -> str:
    """The country of a zone by the time zone database; US for a zone without a country, such as UTC."""
    table = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in table.splitlines() if not line.startswith("#")]
    return next((country for country, _, zone, *_ in rows if zone == timezone), "US")
