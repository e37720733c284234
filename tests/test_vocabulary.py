"""Names say what the thing is: of a room's bound names, at most 1.5 % are vague."""

import ast

import pytest

from tests.support.vocabulary import LARGEST_SHARE, ROOMS, ROOT, bound_names, is_vague, vague_share


@pytest.mark.parametrize("room", ROOMS)
def test_few_names_of_a_room_are_vague(room: str) -> None:
    assert vague_share(ROOT / room) <= LARGEST_SHARE, f"python -m tests.support.vocabulary {room}"


def test_variables_parameters_and_exceptions_are_counted() -> None:
    source = """
def price(found, *, other):
    for each in found:
        kept = each
    try:
        total = [one for one in kept]
    except ValueError as made:
        pass
    with open(total) as held:
        self.taken = found
"""
    names = [name for name, _ in bound_names(ast.parse(source)) if is_vague(name)]
    assert sorted(names) == ["each", "found", "held", "kept", "made", "one", "other"]
