"""What a chain's tags go by: its clock, its thresholds and its model, as this environment knows them."""

import json
import time
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from typing import Any
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from functions.members import store as sql
from functions.members.calculator.tag import Tag, Thresholds, Today
from functions.members.clv.model import Model
from shared.spine.db import Transaction
from shared.spine.env import Environment

# Seconds. A backfill after a change begins only when nobody goes by the old rules any more.
CACHED_FOR = 60.0
BACKFILL_AFTER = timedelta(seconds=2 * CACHED_FOR)
_known: WeakKeyDictionary[Environment, dict[str, tuple[float, "Rules"]]] = WeakKeyDictionary()


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
            begin = datetime.combine(day, time_of_day(), ZoneInfo(self.timezone))
            self._begins[day] = str(begin.astimezone(UTC).replace(tzinfo=None))
        return self._begins[day]


def rules_of(env: Environment, transaction: Transaction, chain: str) -> Rules:
    """At most `CACHED_FOR` old."""
    known = _known.setdefault(env, {})
    read_at, rules = known.get(chain, (0.0, None))
    if rules is None or time.time() - read_at > CACHED_FOR:
        rules = read_rules(transaction, chain)
        known[chain] = (time.time(), rules)
    return rules


def read_rules(transaction: Transaction, chain: str) -> Rules:
    """As they are now."""
    settings, parameters = sql.read_rules(transaction, chain)
    found = json.loads(settings) if settings else {}
    model = Model(**json.loads(parameters)) if parameters else None
    return Rules(found.get("timezone", "UTC"), found.get("thresholds", {}), model)
