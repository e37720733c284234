"""member.purchased → where the member orders most."""

from functions.members import runner
from functions.members.facts import Facts
from functions.members.tags import Tag, Thresholds, Today, Value, favourite


def value(facts: Facts, _limits: Thresholds, _today: Today) -> Value | None:
    """The channel of most purchases: till, mini_program or platform."""
    counts = facts.habits.get("channel", {})
    found = favourite(counts)
    return Value(found, {"purchases": counts[found]}) if found else None


TAG = Tag("channel", 1, ("habits",), value, values=("till", "mini_program", "platform"))
handler = runner.function(TAG)
