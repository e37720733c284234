"""member.purchased → the item that the member bought most of."""

from functions.members import runner
from functions.members.facts import Facts
from functions.members.tags import Tag, Thresholds, Today, Value, favourite


def value(facts: Facts, _limits: Thresholds, _today: Today) -> Value | None:
    """The item with the most pieces."""
    found = favourite(facts.items)
    return Value(found, {"pieces": facts.items[found]}) if found else None


TAG = Tag("item", 1, ("items",), value)
handler = runner.function(TAG)
