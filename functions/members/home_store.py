"""member.purchased → the member's home store."""

from functions.members import runner
from functions.members.facts import Facts, favourite
from functions.members.tags import Tag, Thresholds, Today, Value


def value(facts: Facts, _limits: Thresholds, _today: Today) -> Value | None:
    """The store of most purchases."""
    found = favourite(facts.habits.get("store", {}))
    return Value(found[0], {"purchases": found[1]}) if found else None


TAG = Tag("home_store", 1, ("habits",), value)
handler = runner.function(TAG)
