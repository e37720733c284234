"""member.purchased → the category that the member bought most of."""

from functions.members import runner
from functions.members.facts import Facts
from functions.members.tags import Tag, Thresholds, Today, Value, favourite


def value(facts: Facts, _limits: Thresholds, _today: Today) -> Value | None:
    """The category with the most pieces."""
    found = favourite(facts.categories)
    return Value(found, {"pieces": facts.categories[found]}) if found else None


TAG = Tag("category", 1, ("categories",), value)
handler = runner.function(TAG)
