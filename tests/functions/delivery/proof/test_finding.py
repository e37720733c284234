"""A page that dies after the upload loses no proof: the next look finds it."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from functions.delivery.proof.finding import find_uploaded
from shared.spine.env import Environment
from tests.support.deliveries import World
from tests.support.delivery_proofs import JPEG, declaration, delivered, open_proof, put, states


@pytest.fixture
def look(env: Environment, bucket: str, another_env: Callable[..., Environment]) -> Callable[[float], int]:
    """The minute's look, so many minutes from now."""

    def at(minutes: float) -> int:
        now = env.clock() + timedelta(minutes=minutes)
        later = another_env(clock=lambda: now, proofs_bucket=bucket)
        return find_uploaded(later, now + timedelta(seconds=30))

    return at


def test_an_upload_without_a_word_is_found_by_the_next_look(world: World, look: Callable[[float], int]) -> None:
    delivery = delivered(world, proofs=[declaration("photo", JPEG)])
    assert look(0.5) == 0
    put(open_proof(world.couriers["ana"], delivery, "photo", JPEG).json["upload"], JPEG)
    assert look(0.5) == 0
    assert look(1.1) == 1
    assert states(world, delivery) == {"photo": "proven"}
    assert look(2) == 0


def test_a_file_that_comes_after_two_days_is_found_and_one_after_a_week_is_not(
    world: World, look: Callable[[float], int]
) -> None:
    upload = None
    for days, found in ((2, 1), (7, 0)):
        delivery = delivered(world)
        upload = open_proof(world.couriers["ana"], delivery, "photo", JPEG).json["upload"]
        assert look(days * 24 * 60 - 61) == 0
        put(upload, JPEG)
        assert look(days * 24 * 60) == found
        assert states(world, delivery) == {"photo": "proven" if found else "expected"}
