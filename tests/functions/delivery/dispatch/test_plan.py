"""Rounds of dispatch by hand. A minute is 100 m; parking and handing over are 2 + 2 minutes."""

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from functions.delivery.dispatch.answer import NEEDS_A_PERSON, Offer, WhyCourier, WhyWaiting
from functions.delivery.dispatch.facts import Courier, OpenOrder, Place, Run, on_plane
from functions.delivery.dispatch.plan import plan_round
from functions.delivery.dispatch.settings import Settings, StraightLine, share_of_declines

SETTINGS = Settings(travel=StraightLine({"": 100.0, "bike": 50.0}, detour=1.0))
STORE = Place(0, 0)


def order(name: str = "o1", ready_at: float = 0, door: float = 1000, **fields: object) -> OpenOrder:
    facts: dict[str, object] = {"store": "s1", "store_place": STORE, "door": Place(door, 0), "placed_at": 0}
    return OpenOrder(order=name, ready_at=ready_at, **facts | fields)  # type: ignore[arg-type]


def courier(name: str = "c1", x: float = 0, **fields: object) -> Courier:
    facts: dict[str, object] = {"free_at": 0, "off_at": 480}
    return Courier(courier=name, place=Place(x, 0), **facts | fields)  # type: ignore[arg-type]


def offered(
    now: float, orders: Sequence[OpenOrder], couriers: Sequence[Courier], settings: Settings = SETTINGS
) -> Offer:
    [offer] = plan_round(now, orders, couriers, settings).offers
    return offer


def reason(now: float, waiting: OpenOrder, couriers: Sequence[Courier]) -> WhyWaiting:
    answer = plan_round(now, [waiting], couriers, SETTINGS)
    assert answer.offers == ()
    return answer.waiting[waiting.order]


# When


def test_an_offer_is_sent_when_the_courier_must_leave() -> None:
    # 3 minutes and 2 of parking: ready at 20, the courier leaves at 15.
    couriers = [courier(x=300)]
    assert reason(13, order(ready_at=20), couriers) is WhyWaiting.NOT_DUE
    offer = offered(15, [order(ready_at=20)], couriers)
    assert (offer.pickup_at, offer.dropoffs) == (20, (("o1", 34),))  # 2 + 10 + 2 minutes after the pickup


def test_an_offer_goes_out_earlier_where_a_decline_would_hurt() -> None:
    # The next courier is 12 minutes from a pickup. At minute 12 a decline costs 4 minutes: 4 × 0.2 × 3.3 = 2.64.
    often = replace(SETTINGS, decline_share=0.2)
    couriers = [courier(x=300), courier("c2", x=1000)]
    assert plan_round(11, [order(ready_at=20)], couriers, often).offers == ()  # 11 + 1 + 3 × 0.66 is before 15
    assert offered(12, [order(ready_at=20)], couriers, often).courier == "c1"
    assert plan_round(12, [order(ready_at=20)], couriers, SETTINGS).offers == ()


def test_an_offer_goes_out_at_most_three_minutes_earlier() -> None:
    often = replace(SETTINGS, decline_share=0.5)
    assert plan_round(11, [order(ready_at=20)], [courier(x=300)], often).offers == ()
    assert offered(12, [order(ready_at=20)], [courier(x=300)], often).courier == "c1"


def test_the_share_of_declines_is_cautious_while_few_were_offered() -> None:
    assert [share_of_declines(*counts) for counts in ((0, 0), (1, 1), (30, 180))] == [0, 1 / 21, 0.15]


def test_a_courier_leaves_earlier_for_an_estimated_ready_time() -> None:
    # By 5 minutes: the courier may wait, the food may not.
    estimated = order(ready_at=20, is_ready_estimated=True)
    assert reason(9, estimated, [courier(x=300)]) is WhyWaiting.NOT_DUE
    assert offered(10, [estimated], [courier(x=300)]).pickup_at == 20


def test_an_estimate_that_has_passed_moves_on_with_the_clock() -> None:
    # It is minute 50, and the food may be ready at 54.
    overdue = order(ready_at=20, is_ready_estimated=True)
    assert offered(50, [overdue], [courier()]).pickup_at == 54


def test_a_courier_that_is_free_soon_is_worth_waiting_for() -> None:
    # Near and free at 6: picks up at 8. Far and free now: picks up at 12.
    far, near = courier("far", x=1000), courier("near", free_at=6)
    assert reason(0, order(), [far, near]) is WhyWaiting.COURIER_BUSY
    assert offered(6, [order()], [far, replace(near, free_at=0)]).courier == "near"


def test_a_scheduled_order_arrives_in_its_window() -> None:
    # The drop-off is 14 minutes after the pickup: not before 100 means a pickup at 86, leaving at 84.
    scheduled = order(deliver_from=100)
    assert reason(82, scheduled, [courier()]) is WhyWaiting.NOT_DUE
    assert offered(84, [scheduled], [courier()]).dropoffs == (("o1", 100),)


# Who


def test_the_earliest_courier_gets_the_order_and_the_next_one_is_named() -> None:
    offer = offered(0, [order()], [courier("c1", x=500), courier("c2", x=200)])
    assert (offer.courier, offer.why, offer.next_courier, offer.minutes_later) == ("c2", WhyCourier.EARLIEST, "c1", 3)


def test_all_orders_together_decide() -> None:
    # c1 is the nearest to both stores. But c2 can reach only the first one soon.
    orders = [order("o1"), order("o2", store="s2", store_place=Place(-2000, 0), door=-2000)]
    answer = plan_round(0, orders, [courier("c1", x=-100), courier("c2", x=300)], SETTINGS)
    by_order = {offer.orders: offer for offer in answer.offers}
    assert by_order["o2",].courier == "c1"
    assert (by_order["o1",].courier, by_order["o1",].why) == ("c2", WhyCourier.BEST_FOR_ALL)
    assert (by_order["o1",].next_courier, by_order["o1",].minutes_later) == ("c1", -2)


def test_the_only_courier_is_said_to_be_the_only_one() -> None:
    assert offered(0, [order()], [courier()]).why is WhyCourier.ONLY_ONE


def test_an_order_with_a_courier_of_its_own_goes_before_all_others() -> None:
    fixed = order("o2", door=3000, fixed_courier="c1")
    offer = offered(0, [order("o1", store="s2"), fixed], [courier("c1"), courier("c2", x=9000, off_at=5)])
    assert (offer.courier, offer.orders, offer.why) == ("c1", ("o2",), WhyCourier.FIXED)


def test_a_courier_who_refused_is_not_asked_again() -> None:
    refused = order(refused_by=frozenset({"c1"}))
    assert offered(0, [refused], [courier("c1"), courier("c2", x=900)]).courier == "c2"
    assert reason(0, refused, [courier("c1")]) is WhyWaiting.ALL_REFUSED


def test_a_vehicle_that_the_order_needs_is_slower_and_still_chosen() -> None:
    # A bike does 50 m a minute: 4 minutes for 200 m.
    offer = offered(0, [order(vehicles=frozenset({"bike"}))], [courier("c1"), courier("c2", x=200, vehicle="bike")])
    assert (offer.courier, offer.pickup_at) == ("c2", 6)


@pytest.mark.parametrize(
    ("waiting", "couriers", "expected"),
    [
        (order(), [], WhyWaiting.NO_COURIER),
        (order(), [courier(stores=frozenset({"s2"}))], WhyWaiting.NO_COURIER),
        (order(size=4), [courier(capacity=3)], WhyWaiting.NO_VEHICLE),
        (order(vehicles=frozenset({"car"})), [courier(vehicle="bike")], WhyWaiting.NO_VEHICLE),
        (order(fixed_courier="c9"), [courier()], WhyWaiting.FIXED_COURIER_ABSENT),
        (order(ready_at=31), [courier(off_at=30)], WhyWaiting.SHIFTS_END),
        (order(), [courier(x=1000, off_at=11)], WhyWaiting.SHIFTS_END),  # there at 12
    ],
)
def test_a_person_is_told_why_no_courier_can_take_it(
    waiting: OpenOrder, couriers: list[Courier], expected: WhyWaiting
) -> None:
    assert reason(0, waiting, couriers) is expected
    assert expected in NEEDS_A_PERSON


def test_an_order_for_which_no_courier_is_free_waits_for_more_urgent_ones() -> None:
    orders = [order("o1", placed_at=-90), order("o2", store="s2", door=1000)]
    answer = plan_round(0, orders, [courier()], SETTINGS)
    assert [offer.orders for offer in answer.offers] == [("o1",)]
    assert answer.waiting == {"o2": WhyWaiting.MORE_URGENT_ORDERS}
    assert WhyWaiting.MORE_URGENT_ORDERS not in NEEDS_A_PERSON


def test_a_waiting_order_becomes_urgent_enough() -> None:
    # The near door alone would be served first: 2 minutes beat 40.
    near, far = order("near", door=200), order("far", store="s2", door=4000)
    assert offered(0, [near, far], [courier()]).orders == ("near",)
    assert offered(0, [near, replace(far, placed_at=-200)], [courier()]).orders == ("far",)


# Breaks and shifts


def test_a_trip_ends_before_the_break_or_starts_after_it() -> None:
    # The trip takes 2 + 2 + 10 + 4 = 18 minutes.
    assert offered(0, [order()], [courier(breaks=((18, 30),))]).pickup_at == 2
    assert reason(0, order(), [courier(breaks=((17, 30),))]) is WhyWaiting.COURIER_BUSY
    assert reason(20, order(), [courier(breaks=((17, 30),))]) is WhyWaiting.COURIER_BUSY
    assert offered(30, [order()], [courier(breaks=((17, 30),))]).pickup_at == 32


def test_a_shift_that_starts_later_is_planned_but_not_offered() -> None:
    assert reason(0, order(), [courier(free_at=10)]) is WhyWaiting.COURIER_BUSY


# Bundles


def test_orders_of_one_store_go_together_when_couriers_are_few() -> None:
    offer = offered(0, [order("o1"), order("o2", door=1100)], [courier()])
    assert offer.orders == ("o1", "o2")
    # 2 + 2 + 10 + 2 = 16; then 2 + 1 + 2 minutes.
    assert offer.dropoffs == (("o1", 16), ("o2", 21))


def test_orders_go_apart_when_couriers_abound() -> None:
    answer = plan_round(0, [order("o1"), order("o2", door=-1000)], [courier("c1"), courier("c2")], SETTINGS)
    assert sorted(offer.orders for offer in answer.offers) == [("o1",), ("o2",)]


def test_a_bundle_keeps_to_the_capacity_and_the_most_orders() -> None:
    orders = [order(f"o{n}", door=1000 + n) for n in range(5)]
    assert len(offered(0, orders, [courier(capacity=9)]).orders) == 3
    assert len(offered(0, orders, [courier(capacity=2)]).orders) == 2
    assert len(offered(0, orders, [courier(capacity=9)], replace(SETTINGS, most_bundled=4)).orders) == 4


def test_a_run_grows_in_the_last_minute_before_its_pickup() -> None:
    run = Run((order("o1", ready_at=20),), arrives_at=10)
    going = courier(run=run)
    joining = order("o2", ready_at=18, door=1100)
    assert reason(18, joining, [going]) is WhyWaiting.NOT_DUE
    offer = offered(19, [joining], [going])
    assert (offer.orders, offer.grows, offer.why) == (("o2",), True, WhyCourier.BUNDLED)
    assert (offer.pickup_at, offer.dropoffs) == (20, (("o1", 34), ("o2", 39)))


@pytest.mark.parametrize(
    "going",
    [
        courier(run=Run((order("o1", ready_at=20),), 10, can_grow=False)),
        courier(run=Run((order("o1", ready_at=20),), 10), capacity=1),
        courier(run=Run((order("o1", ready_at=20, store="s2"),), 10)),
    ],
)
def test_a_run_does_not_grow_without_an_answer_room_or_the_same_store(going: Courier) -> None:
    assert plan_round(19, [order("o2", ready_at=18)], [going], SETTINGS).offers == ()


# All rounds

number = st.integers(0, 40)
some_order = st.builds(
    order,
    ready_at=number,
    door=st.integers(-3000, 3000),
    store=st.sampled_from(["s1", "s2"]),
    placed_at=st.integers(-60, 0),
    size=st.sampled_from([1.0, 2.0]),
    vehicles=st.sampled_from([frozenset(), frozenset({"bike"})]),
    fixed_courier=st.sampled_from([None, None, "c0"]),
    refused_by=st.sampled_from([frozenset(), frozenset({"c1"}), frozenset({"c0", "c2"})]),
)
some_courier = st.builds(
    courier,
    x=st.integers(-3000, 3000),
    free_at=number,
    off_at=st.integers(0, 90),
    vehicle=st.sampled_from(["", "bike"]),
    stores=st.sampled_from([frozenset(), frozenset({"s1"})]),
    breaks=st.sampled_from([(), ((20.0, 30.0),)]),
    run=st.none() | st.builds(lambda one: Run((replace(one, order="run"),), 5.0), some_order),
)


@given(st.lists(some_order, max_size=7), st.lists(some_courier, max_size=4), number)
@examples(deadline=None, max_examples=60)
def test_each_offer_keeps_the_rules_and_each_order_has_an_offer_or_a_reason(
    orders: list[OpenOrder], couriers: list[Courier], now: int
) -> None:
    orders = [replace(every, order=f"o{at}") for at, every in enumerate(orders)]
    couriers = [replace(every, courier=f"c{at}") for at, every in enumerate(couriers)]
    answer = plan_round(now, orders, couriers, SETTINGS)
    in_offers = [name for offer in answer.offers for name in offer.orders]
    assert sorted([*in_offers, *answer.waiting]) == sorted(every.order for every in orders)
    assert len({offer.courier for offer in answer.offers}) == len(answer.offers)
    for offer in answer.offers:
        [chosen] = [every for every in couriers if every.courier == offer.courier]
        run = chosen.run.orders if chosen.run else ()
        bundle = [*run, *(every for every in orders if every.order in offer.orders)]
        assert offer.grows == bool(run)
        assert {name for name, _ in offer.dropoffs} == {every.order for every in bundle}
        assert len({every.store for every in bundle}) == 1
        assert len(bundle) <= 3
        assert sum(every.size for every in bundle) <= chosen.capacity
        assert now <= offer.pickup_at <= chosen.off_at
        assert offer.pickup_at >= max(every.ready_at for every in bundle)
        for every in bundle[len(run) :]:
            assert not every.vehicles or chosen.vehicle in every.vehicles
            assert offer.courier not in every.refused_by
            assert every.fixed_courier in (None, offer.courier)
            assert run or not chosen.stores or every.store in chosen.stores


# Places


def test_degrees_become_metres() -> None:
    # A degree of latitude is 111.195 km on a sphere of 6,371 km; at 60° north a degree of longitude is half of it.
    place = on_plane(61.0, 25.0, (60.0, 24.0))
    assert place.y == pytest.approx(111_195, abs=1)
    assert place.x == pytest.approx(111_195 / 2, abs=1)
    assert on_plane(0.0, -179.9, (0.0, 179.9)).x == pytest.approx(0.2 * 111_195, abs=1)


def test_a_straight_line_is_lengthened_by_the_detour() -> None:
    travel = StraightLine({"": 100.0, "bike": 50.0}, detour=1.5)
    assert travel(Place(0, 0), Place(300, 400), "") == 7.5
    assert travel(Place(0, 0), Place(300, 400), "bike") == 15
    assert travel(Place(0, 0), Place(300, 400), "scooter") == math.hypot(3, 4) * 1.5
