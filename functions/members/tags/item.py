"""member.purchased → the item that the member bought most of."""

from functions.members.calculator import calculate
from functions.members.calculator.tag import Tag, Thresholds, Today, Value
from functions.members.facts.totals import Facts


def value(facts: Facts, _limits: Thresholds, _today: Today) -> Value | None:
    """The item with the most pieces."""
    found = facts.favourites.get("item")
    return Value(found[0], {"pieces": found[1]}) if found else None


TAG = Tag("item", 1, ("favourites",), value)
handler = calculate.function(TAG)
