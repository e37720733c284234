"""member.purchased → the channel that the member uses most."""

from functions.members.calculator.calculate import tag_handler
from functions.members.calculator.tag import Tag, Thresholds, Today, Value
from functions.members.facts.totals import Facts, favourite


def value(facts: Facts, _limits: Thresholds, _today: Today) -> Value | None:
    """The channel with most purchases: till, mini_program or platform."""
    most_used = favourite(facts.habits.get("channel", {}))
    return Value(most_used[0], {"purchases": most_used[1]}) if most_used else None


TAG = Tag("channel", 1, ("habits",), value, values=("till", "mini_program", "platform"))
handler = tag_handler(TAG)
