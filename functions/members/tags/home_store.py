"""member.purchased → the member's home store."""

from functions.members.calculator.calculate import tag_handler
from functions.members.calculator.tag import Tag, Thresholds, Today, Value
from functions.members.facts.totals import Facts, favourite


def value(facts: Facts, _limits: Thresholds, _today: Today) -> Value | None:
    """The store with most purchases."""
    most_used = favourite(facts.habits.get("store", {}))
    return Value(most_used[0], {"purchases": most_used[1]}) if most_used else None


TAG = Tag("home_store", 1, ("habits",), value)
handler = tag_handler(TAG)
