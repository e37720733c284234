"""member.purchased → the category that the member bought most."""

from functions.members.calculator.calculate import tag_handler
from functions.members.calculator.tag import Tag, Thresholds, Today, Value
from functions.members.facts.totals import Facts


def value(facts: Facts, _limits: Thresholds, _today: Today) -> Value | None:
    """The category with the most pieces."""
    most_bought = facts.favourites.get("category")
    return Value(most_bought[0], {"pieces": most_bought[1]}) if most_bought else None


TAG = Tag("category", 1, ("favourites",), value)
handler = tag_handler(TAG)
