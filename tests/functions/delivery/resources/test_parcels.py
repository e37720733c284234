"""Several parcels: each one is scanned at the pickup, or said to be missing."""

from typing import Any

import pytest

from tests.support.deliveries import World

CODES = ["P-1", "P-2", "P-3"]


@pytest.fixture
def delivery(world: World) -> str:
    """Three packed parcels that `ana` has accepted."""
    made = world.place()
    answer = world.act(world.packer, made, "pack", "to_pick", parcel_codes=[*CODES, "P-1"])
    assert (answer.json["parcels"], answer.json["parcel_codes"]) == (3, CODES)
    assert world.act(world.couriers["ana"], made, "accept", "unassigned").json["parcel_codes"] == CODES
    return made


@pytest.mark.parametrize(
    ("details", "code"),
    [
        ({}, "parcels_unscanned"),
        ({"parcel_codes": CODES[:2]}, "parcels_unscanned"),
        ({"parcels_missing": CODES}, "parcels_unscanned"),
        ({"parcel_codes": [*CODES, "P-9"]}, "parcel_unknown"),
        ({"parcel_codes": CODES, "parcels_missing": ["P-9"]}, "parcel_unknown"),
        ({"parcel_codes": CODES, "parcels": 2}, "parcels_differ"),
    ],
)
def test_a_pickup_without_every_parcel_is_refused(
    world: World, delivery: str, details: dict[str, Any], code: str
) -> None:
    answer = world.act(world.couriers["ana"], delivery, "pick_up", "accepted", **details)
    assert (answer.status, answer.json["code"]) == (409, code)
    assert world.see(delivery)["goods"] == "packed"


@pytest.mark.parametrize("missing", [[], ["P-3"], ["P-1", "P-3"]])
def test_parcels_are_scanned_or_said_to_be_missing(world: World, delivery: str, missing: list[str]) -> None:
    scanned = [code for code in CODES if code not in missing]
    answer = world.act(
        world.couriers["ana"], delivery, "pick_up", "accepted", parcel_codes=scanned[::-1], parcels_missing=missing
    )
    assert (answer.status, answer.json["goods"], answer.json["carriage"]) == (200, "handed", "picked_up")
    assert world.see(delivery)["parcels_missing"] == missing


def test_the_desk_and_parcels_without_codes_need_no_scan(world: World, delivery: str) -> None:
    assert world.act(world.desk, delivery, "pick_up", "accepted").status == 200
    plain = world.accepted("ben")
    assert world.act(world.couriers["ben"], plain, "pick_up", "accepted").json["parcels_missing"] == []
