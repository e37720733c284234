"""member.purchased → the member's home store."""

from functions.members import runner
from functions.members.facts import Facts
from functions.members.tags import Tag, Thresholds, Today, Value, favourite


def value(facts: Facts, _limits: Thresholds, _today: Today) -> Value | None:
    """The store of most purchases."""
    counts = facts.habits.get("store", {})
    found = favourite(counts)
    return Value(found, {"purchases": counts[found]}) if found else None


TAG = Tag("home_store", 1, ("habits",), value)
handler = runner.function(TAG)
