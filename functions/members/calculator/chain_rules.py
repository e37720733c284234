"""What a chain's tags go by: its clock, its thresholds and its model, as this environment knows them."""

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from functions.members import store as sql
from functions.members.calculator.tag import Tag, Thresholds, Today
from functions.members.clv.model import Model
from shared.kit.cache import Cache
from shared.spine.db import Transaction
from shared.spine.env import Environment

# Seconds. A backfill after a change begins only when nobody goes by the old rules any more.
CACHED_FOR = 60.0
BACKFILL_AFTER = timedelta(seconds=2 * CACHED_FOR)
rules_cache: Cache["Rules"] = Cache(CACHED_FOR)


@dataclass(frozen=True)
class Rules:
    """One chain's. `thresholds` are documents by the tag's name; what a chain leaves out has the tag's default."""

    timezone: str
    thresholds: dict[str, Any]
    model: Model | None
    _read: dict[str, Thresholds] = field(default_factory=dict)
    _begins: dict[date, str] = field(default_factory=dict)

    def of(self, tag: Tag) -> Thresholds:
        """The thresholds of a tag."""
        if tag.name not in self._read:
            self._read[tag.name] = tag.thresholds.model_validate_json(json.dumps(self.thresholds.get(tag.name, {})))
        return self._read[tag.name]

    def today(self, now: datetime) -> Today:
        """The day by the chain's clock."""
        return Today(now.astimezone(ZoneInfo(self.timezone)).date(), self.model)

    def begin_of(self, day: date) -> str:
        """Its first moment by the chain's clock, in UTC, as a column's text."""
        if day not in self._begins:
            begin = datetime.combine(day, time(), ZoneInfo(self.timezone))
            self._begins[day] = str(begin.astimezone(UTC).replace(tzinfo=None))
        return self._begins[day]


def rules_of(env: Environment, transaction: Transaction, chain: str) -> Rules:
    """The chain's rules as they were at most `CACHED_FOR` seconds ago."""
    return rules_cache.get_or_read(env, chain, lambda: read_rules(transaction, chain))


def read_rules(transaction: Transaction, chain: str) -> Rules:
    """As they are now."""
    settings, parameters = sql.read_rules(transaction, chain)
    found = json.loads(settings) if settings else {}
    model = Model(**json.loads(parameters)) if parameters else None
    return Rules(found.get("timezone", "UTC"), found.get("thresholds", {}), model)
