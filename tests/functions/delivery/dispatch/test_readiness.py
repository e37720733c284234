"""Ready times by hand."""

import math

import pytest

from functions.delivery.dispatch.facts import OpenOrder, Place
from functions.delivery.dispatch.loads import Load, load_of
from functions.delivery.dispatch.readiness import expected, expected_pickup
from functions.delivery.dispatch.settings import Settings, StraightLine

SETTINGS = Settings(travel=StraightLine({"": 100.0}), overdue=4.0, spread=3.0)


def order(ready_at: float, *, estimated: bool) -> OpenOrder:
    return OpenOrder("o1", "s1", Place(0, 0), Place(0, 0), 0, ready_at, is_ready_estimated=estimated)


def load(ready_at: float, *, estimated: bool) -> Load:
    return load_of((order(ready_at, estimated=estimated),), 0, SETTINGS)


def test_only_an_estimate_moves_on() -> None:
    assert expected(order(20, estimated=True), 30, SETTINGS).ready_at == 34
    assert expected(order(40, estimated=True), 30, SETTINGS).ready_at == 40
    assert expected(order(20, estimated=False), 30, SETTINGS).ready_at == 20


def test_a_known_ready_time_gives_the_later_of_both() -> None:
    assert expected_pickup(load(20, estimated=False), 15, SETTINGS) == 20
    assert expected_pickup(load(20, estimated=False), 25, SETTINGS) == 25


def test_an_estimate_delays_the_mean_pickup() -> None:
    # A courier at the estimated minute waits 3 × ln 2 minutes in the mean, one who comes an hour later not at all.
    assert expected_pickup(load(20, estimated=True), 20, SETTINGS) == pytest.approx(20 + 3 * math.log(2))
    assert expected_pickup(load(20, estimated=True), 80, SETTINGS) == pytest.approx(80)
    assert expected_pickup(load(80, estimated=True), 20, SETTINGS) == pytest.approx(80)
