"""Segments as text, and whom they find."""

import pytest

from functions.members.segments.expression import Condition, evaluate, parse
from shared.spine.errors import Rejected

VOCABULARY = {
    "tier": ("bronze", "silver", "gold"),
    "lifecycle": ("new", "active", "lapsed"),
    "city": (),
    "churn": ("new",),
}
# Who has what, one bit a member: Ana, Ben, Cyd, Dee. Dee has no city.
HAS = {
    ("tier", "gold"): 0b0011, ("tier", "silver"): 0b1100,
    ("lifecycle", "lapsed"): 0b0101, ("lifecycle", "active"): 0b1010,
    ("city", "深圳"): 0b0001, ("city", "New York"): 0b0110,
}  # fmt: skip


def members(test: Condition) -> int:
    matches = 0
    for (tag, value), bits in HAS.items():
        if tag == test.tag and (value in test.values) != test.negated:
            matches |= bits
    return matches


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tier = gold", 0b0011),
        ("tier != gold", 0b1100),
        ("tier = gold AND lapsed AND city = 深圳", 0b0001),
        ("lapsed or active", 0b1111),
        ("lapsed AND tier = gold OR tier = silver", 0b1101),
        ("lapsed AND (tier = gold OR tier = silver)", 0b0101),
        ("NOT (lapsed AND tier = gold)", 0b1110),
        ("NOT NOT lapsed", 0b0101),
        ('city = "New York"', 0b0110),
        ('city != "New York"', 0b0001),
        ('NOT city = "New York"', 0b0001),
        ('city IN (深圳, "New York")', 0b0111),
        ("city not in (深圳)", 0b0110),
        ("city = nowhere", 0),
        ('city = "New ""York"""', 0),
    ],
)
def test_an_expression_finds_members(text: str, expected: int) -> None:
    assert evaluate(parse(text, VOCABULARY), members) == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Expected a tag or a value instead of the end"),
        ("tier", "No tag has the value 'tier'"),
        ("new", "a value of lifecycle and churn: write lifecycle = new or churn = new"),
        ('city = "New York', "Character 7: '\"' is not closed"),
        ("tier = platinum", "never 'platinum'"),
        ("size = large", "no tag 'size'"),
        ("tier = gold lapsed", "Expected the end instead of 'lapsed'"),
        ("(lapsed", "Expected ')' instead of the end"),
        ("lapsed AND", "Expected a tag or a value instead of the end"),
        ("tier IN ()", "Expected a tag or a value instead of ')'"),
        ("tier = 'gold'", "cannot begin a word"),
        ("NOT " * 30 + "lapsed", "nested more than 20 levels deep"),
        ("(" * 30 + "lapsed" + ")" * 30, "nested more than 20 levels deep"),
        ("lapsed OR " * 200 + "lapsed", "1000 characters"),
    ],
)
def test_what_is_no_expression_is_refused_with_what_is_wrong(text: str, says: str) -> None:
    with pytest.raises(Rejected) as refused:
        parse(text, VOCABULARY)
    assert says in str(refused.value)
