"""The fulfilment of an order, by its full table of moves; and the statuses of a bill."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from functions.orders.states import move_fulfilment, recall_fulfilment, require_bill
from shared.contracts.messages.order_parts import BillStatus
from shared.contracts.messages.orders import FulfilmentStatus
from shared.spine.errors import Conflict
from tests.support.outbox import order

FORWARD = {
    ("placed", "accepted"), ("placed", "preparing"), ("placed", "ready"), ("placed", "handed_over"),
    ("accepted", "preparing"), ("accepted", "ready"), ("accepted", "handed_over"),
    ("preparing", "ready"), ("preparing", "handed_over"), ("ready", "handed_over"),
    ("placed", "cancelled"), ("accepted", "cancelled"), ("preparing", "cancelled"), ("ready", "cancelled"),
}  # fmt: skip
BACK = {
    ("handed_over", "ready"), ("handed_over", "preparing"), ("handed_over", "accepted"),
    ("ready", "preparing"), ("ready", "accepted"), ("preparing", "accepted"),
}  # fmt: skip


@pytest.mark.parametrize(("move", "allowed"), [(move_fulfilment, FORWARD), (recall_fulfilment, BACK)])
@pytest.mark.parametrize("before", FulfilmentStatus)
@pytest.mark.parametrize("after", FulfilmentStatus)
def test_food_skips_forward_and_is_recalled_but_never_placed_again(
    move: object, allowed: set[tuple[str, str]], before: FulfilmentStatus, after: FulfilmentStatus
) -> None:
    assert callable(move)
    if (before.value, after.value) in allowed:
        assert move(before, after) == after
    else:
        with pytest.raises(Conflict) as refused:
            move(before, after)
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
        assert (at.value, moved.value) in FORWARD
        at = moved


def test_a_bill_of_another_status_is_refused_with_its_status() -> None:
    merged = order().model_copy(update={"bill": BillStatus.MERGED})
    require_bill(merged, BillStatus.OPEN, BillStatus.MERGED)
    with pytest.raises(Conflict) as refused:
        require_bill(merged, BillStatus.OPEN)
    assert (refused.value.code, refused.value.extensions) == ("bill_not_open", {"bill": "merged"})
    cancelled = order().model_copy(update={"fulfilment": FulfilmentStatus.CANCELLED})
    with pytest.raises(Conflict) as refused:
        require_bill(cancelled, BillStatus.CLOSED)
    assert (refused.value.code, refused.value.extensions) == ("illegal_move", {"fulfilment": "cancelled"})
