"""member.purchased → the category that the member bought most of."""

from functions.members import runner
from functions.members.facts import Facts
from functions.members.tags import Tag, Thresholds, Today, Value


def value(facts: Facts, _limits: Thresholds, _today: Today) -> Value | None:
    """The category with the most pieces."""
    found = facts.favourites.get("category")
    return Value(found[0], {"pieces": found[1]}) if found else None


TAG = Tag("category", 1, ("favourites",), value)
handler = runner.function(TAG)
