"""member.purchased → the member's city."""

from functions.members.calculator.calculate import tag_handler
from functions.members.calculator.tag import Tag, Thresholds, Today, Value
from functions.members.facts.totals import Facts, favourite


def value(facts: Facts, _limits: Thresholds, _today: Today) -> Value | None:
    """The city with most purchases. No value if no store has a city."""
    most_used = favourite(facts.habits.get("city", {}))
    return Value(most_used[0], {"purchases": most_used[1]}) if most_used else None


TAG = Tag("city", 1, ("habits",), value)
handler = tag_handler(TAG)
