"""The rooms of members, and the arrows between them, counted from the imports."""

from tests.support.structure import arrows, circle

LARGEST_NUMBER_OF_ARROWS = 33


def test_members_have_few_arrows_between_their_rooms_and_no_circle() -> None:
    room_arrows = arrows("members")
    assert {"handlers", "resources", "tables", "facts"} <= {room for arrow in room_arrows for room in arrow}
    assert len(room_arrows) <= LARGEST_NUMBER_OF_ARROWS, sorted(room_arrows)
    assert circle(room_arrows) == []


def test_facts_and_states_are_below_the_sql() -> None:
    assert {target for room, target in arrows("members") if room == "tables"} == {"facts", "states"}
