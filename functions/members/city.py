"""member.purchased → the member's city."""

from functions.members import runner
from functions.members.facts import Facts
from functions.members.tags import Tag, Thresholds, Today, Value, favourite


def value(facts: Facts, _limits: Thresholds, _today: Today) -> Value | None:
    """The city of most purchases; none where no store says its city."""
    counts = facts.habits.get("city", {})
    found = favourite(counts)
    return Value(found, {"purchases": counts[found]}) if found else None


TAG = Tag("city", 1, ("habits",), value)
handler = runner.function(TAG)
