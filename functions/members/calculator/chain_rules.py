"""The rules by which a chain's tags are computed: time zone, thresholds and CLV model."""

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from functions.members.calculator.tag import Tag, Thresholds, Today
from functions.members.clv.model import Model
from functions.members.tables.chain_settings import read_chain_settings
from shared.kit.cache import Cache
from shared.spine.db import Transaction
from shared.spine.env import Environment

CACHE_SECONDS = 60.0
# A backfill after a change starts when no environment has the old rules in its cache.
NEW_RULES_DELAY = timedelta(seconds=2 * CACHE_SECONDS)
rules_cache: Cache["Rules"] = Cache(CACHE_SECONDS)


@dataclass(frozen=True)
class Rules:
    """The rules of one chain. `thresholds` are JSON documents by tag; omitted thresholds have the tag's defaults."""

    timezone: str
    thresholds: dict[str, Any]
    model: Model | None
    _thresholds: dict[str, Thresholds] = field(default_factory=dict)
    _day_begins: dict[date, str] = field(default_factory=dict)

    def of(self, tag: Tag) -> Thresholds:
        """The thresholds of a tag."""
        if tag.name not in self._thresholds:
            document = json.dumps(self.thresholds.get(tag.name, {}))
            self._thresholds[tag.name] = tag.thresholds.model_validate_json(document)
        return self._thresholds[tag.name]

    def today(self, now: datetime) -> Today:
        """The day by the chain's clock."""
        return Today(now.astimezone(ZoneInfo(self.timezone)).date(), self.model)

    def begin_of(self, day: date) -> str:
        """The first moment of a day by the chain's clock, in UTC, as the text of a column."""
        if day not in self._day_begins:
            begin = datetime.combine(day, time(), ZoneInfo(self.timezone))
            self._day_begins[day] = str(begin.astimezone(UTC).replace(tzinfo=None))
        return self._day_begins[day]


def rules_of(env: Environment, transaction: Transaction, chain: str) -> Rules:
    """The chain's rules, at most `CACHE_SECONDS` old."""
    return rules_cache.get_or_read(env, chain, lambda: read_rules(transaction, chain))


def read_rules(transaction: Transaction, chain: str) -> Rules:
    """The chain's present rules."""
    stored = read_chain_settings(transaction, chain)
    settings = json.loads(stored.settings) if stored.settings else {}
    model = Model(**json.loads(stored.model)) if stored.model else None
    return Rules(settings.get("timezone", "UTC"), settings.get("thresholds", {}), model)
