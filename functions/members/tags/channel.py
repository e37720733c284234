"""member.purchased → where the member orders most."""

from functions.members.calculator import calculate
from functions.members.calculator.tag import Tag, Thresholds, Today, Value
from functions.members.facts.totals import Facts, favourite


def value(facts: Facts, _limits: Thresholds, _today: Today) -> Value | None:
    """The channel of most purchases: till, mini_program or platform."""
    found = favourite(facts.habits.get("channel", {}))
    return Value(found[0], {"purchases": found[1]}) if found else None


TAG = Tag("channel", 1, ("habits",), value, values=("till", "mini_program", "platform"))
handler = calculate.function(TAG)
