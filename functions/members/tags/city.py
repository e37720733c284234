"""member.purchased → the member's city."""

from functions.members.calculator import calculate
from functions.members.calculator.tag import Tag, Thresholds, Today, Value
from functions.members.facts.totals import Facts, favourite


def value(facts: Facts, _limits: Thresholds, _today: Today) -> Value | None:
    """The city of most purchases; none where no store says its city."""
    found = favourite(facts.habits.get("city", {}))
    return Value(found[0], {"purchases": found[1]}) if found else None


TAG = Tag("city", 1, ("habits",), value)
handler = calculate.function(TAG)
