"""member.purchased → the item that the member bought most of."""

from functions.members import runner
from functions.members.facts import Facts
from functions.members.tags import Tag, Thresholds, Today, Value


def value(facts: Facts, _limits: Thresholds, _today: Today) -> Value | None:
    """The item with the most pieces."""
    found = facts.favourites.get("item")
    return Value(found[0], {"pieces": found[1]}) if found else None


TAG = Tag("item", 1, ("favourites",), value)
handler = runner.function(TAG)
