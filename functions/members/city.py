"""member.purchased → the member's city."""

from functions.members import runner
from functions.members.facts import Facts, favourite
from functions.members.tags import Tag, Thresholds, Today, Value


def value(facts: Facts, _limits: Thresholds, _today: Today) -> Value | None:
    """The city of most purchases; none where no store says its city."""
    found = favourite(facts.habits.get("city", {}))
    return Value(found[0], {"purchases": found[1]}) if found else None


TAG = Tag("city", 1, ("habits",), value)
handler = runner.function(TAG)
