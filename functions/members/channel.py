"""member.purchased → where the member orders most."""

from functions.members import runner
from functions.members.facts import Facts, favourite
from functions.members.tags import Tag, Thresholds, Today, Value


def value(facts: Facts, _limits: Thresholds, _today: Today) -> Value | None:
    """The channel of most purchases: till, mini_program or platform."""
    found = favourite(facts.habits.get("channel", {}))
    return Value(found[0], {"purchases": found[1]}) if found else None


TAG = Tag("channel", 1, ("habits",), value, values=("till", "mini_program", "platform"))
handler = runner.function(TAG)
