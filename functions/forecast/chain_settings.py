"""What a chain sets about its forecasts, with defaults for what it did not."""

from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from functions.forecast import store
from shared.spine.db import Transaction


@dataclass(frozen=True)
class ChainSettings:
    """`country` is ISO 3166 alpha-2; intervals in days; `night_hour` by the clock of the chain's first store."""

    country: str
    night_hour: int = 3
    retrain_days: int = 14
    refresh_days: int = 1
    stores_at_once: int = 1_200

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def read(transaction: Transaction, chain: str, timezone: str) -> ChainSettings:
    """The chain's; without a country the one that `timezone` lies in."""
    return ChainSettings(**{"country": country_of(timezone)} | store.settings(transaction, chain))


@cache
def country_of(timezone: str) -> str:
    """By the time zone database's own table; US for a zone of no country, as UTC."""
    table = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in table.splitlines() if not line.startswith("#")]
    return next((country for country, _, zone, *_ in rows if zone == timezone), "US")
