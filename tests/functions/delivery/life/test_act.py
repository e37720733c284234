"""Random actions on a delivery never bring its two states apart."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from functions.delivery.life.act import Refused, Request, acted
from functions.delivery.life.delivery import Delivery
from functions.delivery.life.details import Details
from functions.delivery.states import BEFORE_PICKUP, ENDED, Action, Carriage, Goods

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)


def new() -> Delivery:
    return Delivery(
        id="01", order="02", chain="demo", store="demo:main", number=7, member=None, goods=Goods.TO_PICK,
        carriage=Carriage.UNASSIGNED, courier=None, details=Details(), lines=(), wanted_from=NOW,
        wanted_until=NOW + timedelta(hours=1), ready_at=NOW, link_hash=b"", link_encrypted=b"", created_at=NOW,
        changed_at=NOW,
    )  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(Action), st.sampled_from(["ana", "ben", None])), max_size=25))
def test_goods_and_carriage_agree_after_any_actions(steps: list[tuple[Action, str | None]]) -> None:
    delivery = new()
    for action, courier in steps:
        before = delivery
        try:
            delivery = acted(delivery, Request(action, NOW, courier=courier, reason="why"))
        except Refused:
            assert delivery == before
        after_pickup = delivery.carriage not in BEFORE_PICKUP | {Carriage.CANCELLED}
        assert (delivery.goods == Goods.HANDED) is after_pickup
        assert (delivery.goods == Goods.CANCELLED) is (delivery.carriage == Carriage.CANCELLED)
        assert (delivery.courier is None) is (delivery.carriage in (Carriage.UNASSIGNED, Carriage.CANCELLED))
        assert (delivery.ended_at is not None) is (delivery.carriage in ENDED)
        if before.carriage in ENDED:
            assert delivery.carriage == before.carriage
