"""The fulfilment of an order, by its full table of moves."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from functions.orders.states import move_fulfilment
from shared.contracts.messages.orders import FulfilmentStatus
from shared.spine.errors import Conflict

ALLOWED = {
    ("placed", "accepted"), ("accepted", "preparing"), ("preparing", "ready"), ("ready", "handed_over"),
    ("placed", "cancelled"), ("accepted", "cancelled"), ("preparing", "cancelled"), ("ready", "cancelled"),
}  # fmt: skip


@pytest.mark.parametrize("before", FulfilmentStatus)
@pytest.mark.parametrize("after", FulfilmentStatus)
def test_food_moves_one_step_at_a_time_and_never_back(before: FulfilmentStatus, after: FulfilmentStatus) -> None:
    if (before.value, after.value) in ALLOWED:
        assert move_fulfilment(before, after) == after
    else:
        with pytest.raises(Conflict) as refused:
            move_fulfilment(before, after)
        assert refused.value.code == "illegal_move"
        assert refused.value.extensions == {"fulfilment": before}


@given(some.lists(some.sampled_from(FulfilmentStatus), max_size=30))
def test_no_wish_leads_off_the_table(wishes: list[FulfilmentStatus]) -> None:
    at = FulfilmentStatus.PLACED
    for wish in wishes:
        try:
            moved = move_fulfilment(at, wish)
        except Conflict:
            continue
        assert (at.value, moved.value) in ALLOWED
        at = moved
