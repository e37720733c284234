"""member.purchased → the member's home store."""

from functions.members.calculator import calculate
from functions.members.calculator.tag import Tag, Thresholds, Today, Value
from functions.members.facts.totals import Facts, favourite


def value(facts: Facts, _limits: Thresholds, _today: Today) -> Value | None:
    """The store of most purchases."""
    found = favourite(facts.habits.get("store", {}))
    return Value(found[0], {"purchases": found[1]}) if found else None


TAG = Tag("home_store", 1, ("habits",), value)
handler = calculate.function(TAG)
