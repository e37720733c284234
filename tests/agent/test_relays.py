import pytest

from dumbwaiter_agent.relays import Relays

ONE, TWO = "wss://one", "wss://two"


def test_the_first_address_is_tried_first_and_at_once() -> None:
    assert Relays([ONE, TWO], jitter=lambda: 1.0).choose(0.0) == (ONE, 0.0)


def test_an_address_that_fails_again_gives_way_to_the_next() -> None:
    relays = Relays([ONE, TWO], jitter=lambda: 1.0)
    relays.failed(ONE, 0.0)
    assert relays.choose(0.0) == (ONE, 4.0)
    relays.failed(ONE, 4.0)
    assert relays.choose(4.0) == (TWO, 0.0)


def test_waits_double_to_a_minute_and_are_spread_from_nothing() -> None:
    most, least = Relays([ONE], jitter=lambda: 1.0), Relays([ONE], jitter=lambda: 0.0)
    waits = []
    for _ in range(8):
        most.failed(ONE, 0.0)
        least.failed(ONE, 0.0)
        waits.append(most.choose(0.0)[1])
        assert least.choose(0.0) == (ONE, 0.0)
    assert waits == [4, 8, 16, 32, 60, 60, 60, 60]


def test_with_all_of_them_failing_the_soonest_is_waited_for() -> None:
    relays = Relays([ONE, TWO], jitter=lambda: 1.0)
    for _ in range(3):
        relays.failed(ONE, 0.0)
    for _ in range(2):
        relays.failed(TWO, 0.0)
    assert relays.choose(0.0) == (TWO, 8.0)


def test_a_lost_connection_is_tried_again_within_five_seconds() -> None:
    relays = Relays([ONE, TWO], jitter=lambda: 1.0)
    relays.failed(ONE, 0.0)
    relays.lost(ONE, 100.0, 90.0)
    assert relays.choose(100.0) == (ONE, 5.0)
    relays.failed(ONE, 105.0)
    assert relays.choose(105.0)[1] == 4.0, "what failed before the connection is forgotten"


def test_a_relay_that_welcomes_and_drops_at_once_is_backed_off_from() -> None:
    relays = Relays([ONE], jitter=lambda: 1.0)
    waits = []
    for _ in range(4):
        relays.lost(ONE, 0.0, 1.0)
        waits.append(relays.choose(0.0)[1])
    assert waits == [4, 8, 16, 32]


@pytest.mark.parametrize(("jitter", "wait"), [(0.0, 150.0), (1.0, 300.0)])
def test_a_relay_that_does_not_want_us_is_asked_seldom(jitter: float, wait: float) -> None:
    relays = Relays([ONE], jitter=lambda: jitter)
    relays.refused(ONE, 0.0)
    assert relays.choose(0.0) == (ONE, wait)


def test_the_better_addresses_are_those_before_that_may_be_tried() -> None:
    relays = Relays([ONE, TWO], jitter=lambda: 1.0)
    relays.failed(ONE, 0.0)
    assert relays.better(TWO, 3.9) == []
    assert relays.better(TWO, 4.0) == [ONE]
    assert relays.better(ONE, 4.0) == []
