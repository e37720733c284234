"""Each tag by cases at the edges of its bands, and the day on which it says it would change."""

import hashlib
import inspect
import json
import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from functions.members.calculator.tag import Today
from functions.members.clv.model import Model
from functions.members.facts.totals import DayKey, DaySum, Facts
from functions.members.tags.registry import TAGS

DAY = date(2024, 3, 1)
DEFINITIONS = Path(__file__).with_name("definitions.json")
MODEL = Model(0.9, 2.5, 0.3, 6.0, 4.0, 3.5, 2500.0)


def bought(*days_ago: int, amount: int = 1000, currency: str = "USD", **more: int) -> Facts:
    """A purchase on each of these days before DAY."""
    facts = Facts()
    for ago in days_ago:
        key = DayKey(DAY.toordinal() - ago, currency)
        first = DaySum(1, amount, more.get("pieces", 1), more.get("discounted", 0))
        facts.days[key] = facts.days.get(key, DaySum(0, 0, 0, 0)).plus(first)
    return facts


def merged(first: Facts, second: Facts) -> Facts:
    first.merge(second)
    return first


def counted(**parts: Any) -> Facts:
    facts = Facts()
    for part, counts in parts.items():
        setattr(facts, part, counts)
    return facts


def habit(name: str, **counts: int) -> Facts:
    return counted(habits={name: {key.strip("_"): count for key, count in counts.items()}})


CASES: list[tuple[str, Facts, str | None]] = [
    *[("recency", bought(ago), value) for ago, value in [
        (0, "week"), (7, "week"), (8, "month"), (30, "month"), (31, "quarter"), (91, "half_year"), (181, "older"),
        (-3, "week"),
    ]],
    ("frequency", bought(90), "none"), ("frequency", bought(89), "rare"), ("frequency", bought(0, 0), "occasional"),
    ("frequency", bought(*range(5)), "regular"), ("frequency", bought(*range(10)), "heavy"),
    ("tier", bought(0, amount=19_999), "bronze"), ("tier", bought(0, amount=20_000), "silver"),
    ("tier", bought(364, amount=60_000), "gold"), ("tier", bought(365, amount=60_000), "bronze"),
    ("tier", bought(0, amount=150_000), "platinum"),
    # Two purchases in CNY against one in USD: the yuan count, and only they.
    ("tier", merged(bought(1, 2, amount=9_999, currency="CNY"), bought(3, amount=500_000)), "bronze"),
    ("tier", merged(bought(1, amount=60_000, currency="CNY"), bought(3, amount=1)), "gold"),
    ("rfm", bought(*range(8), amount=5_000), "champion"), ("rfm", bought(*range(40, 48), amount=100), "loyal"),
    ("rfm", bought(100, amount=40_000), "big_spender"), ("rfm", bought(30), "promising"),
    ("rfm", bought(91), "hibernating"), ("rfm", bought(31), "ordinary"),
    ("ticket", bought(1, 2, amount=1_499), "small"), ("ticket", bought(1, 2, amount=1_500), "medium"),
    ("ticket", bought(1, amount=4_000), "large"),
    ("category", counted(categories={"b": 2, "a": 2, "c": 1}), "a"), ("item", counted(items={"x": 1, "é": 2}), "é"),
    *[("daypart", habit("hour", **{f"_{hour}": 1}), value) for hour, value in [
        (4, "late"), (5, "breakfast"), (10, "breakfast"), (11, "lunch"), (14, "afternoon"), (17, "dinner"),
        (22, "late"), (0, "late"),
    ]],
    ("daypart", habit("hour", _22=1, _12=1), "lunch"),
    ("weekpart", habit("weekday", _5=3, _0=2), "weekend"), ("weekpart", habit("weekday", _6=1, _0=4), "weekday"),
    ("weekpart", habit("weekday", _6=1, _0=1), "mixed"),
    ("channel", habit("channel", till=1, platform=1), "platform"), ("home_store", habit("store", s2=2, s1=1), "s2"),
    ("city", habit("city", Wien=1), "Wien"), ("city", habit("store", s1=1), None),
    ("discount", bought(1), "never"), ("discount", bought(*range(9), discounted=0), "never"),
    ("discount", merged(bought(*range(9)), bought(9, discounted=1)), "seldom"),
    ("discount", merged(bought(1, 2, 3, 4), bought(9, discounted=1)), "often"),
    ("discount", merged(bought(1, 2), bought(7, 8, 9, discounted=1)), "hunter"),
    ("basket", bought(1, pieces=1), "single"), ("basket", bought(1, pieces=2), "small"),
    ("basket", bought(1, pieces=4), "medium"), ("basket", bought(1, pieces=8), "large"),
    ("lifecycle", bought(29), "new"), ("lifecycle", bought(30), "active"), ("lifecycle", bought(61), "at_risk"),
    ("lifecycle", bought(181), "lapsed"), ("lifecycle", bought(0, 181), "returned"),
    ("lifecycle", bought(0, 180), "active"), ("lifecycle", bought(59, 240), "returned"),
    ("lifecycle", bought(60, 241), "active"),
    ("churn", bought(10), "low"), ("churn", bought(*range(200, 400, 2)), "high"),
    ("future_value", bought(*range(0, 300, 3), amount=3_000), "high"), ("future_value", bought(3_000), "low"),
]  # fmt: skip


@pytest.mark.parametrize(("tag", "facts", "expected"), CASES)
def test_value_is_the_defined_one(tag: str, facts: Facts, expected: str | None) -> None:
    value = TAGS[tag].value(facts, TAGS[tag].thresholds(), Today(DAY, MODEL))
    assert (value.value if value else None) == expected


def test_two_currencies_on_one_day_are_one_day_for_the_model() -> None:
    facts = merged(bought(100), bought(100, currency="CNY"))
    value = TAGS["churn"].value(facts, TAGS["churn"].thresholds(), Today(DAY, MODEL))
    assert value is not None
    assert value.why == {"alive": 1.0, "repeats": 0}


@pytest.mark.parametrize(
    ("tag", "limits", "expected"),
    [
        # Zero is reached by everybody and for ever, and no calendar reaches 10 ** 12 days.
        ("frequency", {"purchases": [0, 0, 5, 10]}, ("occasional", None)),
        ("tier", {"amount": [0, 10**12, 10**12]}, ("silver", None)),
        ("recency", {"days": [7, 10**12, 10**12, 10**12]}, ("month", None)),
        ("lifecycle", {"at_risk": 10**12, "lapsed": 10**12, "new": 0}, ("active", None)),
    ],
)
def test_thresholds_without_end_are_a_value_without_end(tag: str, limits: dict[str, Any], expected: Any) -> None:
    value = TAGS[tag].value(bought(20, 300), TAGS[tag].thresholds.model_validate_json(json.dumps(limits)), Today(DAY))
    assert value is not None
    assert (value.value, value.changes_on) == expected


@pytest.mark.parametrize("tag", TAGS)
def test_who_bought_nothing_has_no_tag(tag: str) -> None:
    assert TAGS[tag].value(Facts(), TAGS[tag].thresholds(), Today(DAY, MODEL)) is None


@pytest.mark.parametrize("tag", TAGS)
def test_value_changes_on_the_day_it_says_and_on_none_before(tag: str) -> None:
    """By looking at every single day, for members of chance."""
    chance = random.Random(tag)
    changes = 0
    for _ in range(12):
        days = [chance.randrange(700) for _ in range(chance.randrange(1, 25))]
        facts = bought(*days, amount=chance.choice([900, 3_000, 20_000]))
        facts.habits = {"hour": {"12": 1}, "weekday": {"1": 1}}
        changes += _changes_as_it_says(tag, facts)
    static = {
        "ticket",
        "category",
        "item",
        "daypart",
        "weekpart",
        "channel",
        "home_store",
        "city",
        "discount",
        "basket",
    }
    assert (changes > 0) == (tag not in static)


def _changes_as_it_says(tag: str, facts: Facts) -> bool:
    def at(day: date) -> Any:
        return TAGS[tag].value(facts, TAGS[tag].thresholds(), Today(day, MODEL))

    present = at(DAY)
    if present is None:
        return False
    until = present.changes_on or DAY + timedelta(days=1_500)
    assert all(at(DAY + timedelta(days=n)).value == present.value for n in range((until - DAY).days))
    if present.changes_on:
        assert present.changes_on > DAY
        assert at(until).value != present.value
    return present.changes_on is not None


def test_a_changed_definition_has_a_new_version() -> None:
    """`definitions.json` has each version and the digest of what it was; a new version takes a new line there."""
    present = {}
    for name, tag in TAGS.items():
        module = inspect.getmodule(tag.value)
        assert module is not None
        present[name] = [tag.version, hashlib.sha256(inspect.getsource(module).encode()).hexdigest()[:16]]
    assert json.loads(DEFINITIONS.read_text(encoding="utf-8")) == present
