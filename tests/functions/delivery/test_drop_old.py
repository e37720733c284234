"""Proofs and browsers are forgotten after 30 days, and the bucket deletes objects at the same age."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import yaml

from functions.delivery.drop_old import PROOFS_LAST, drop_old
from shared.spine.env import Environment
from tests.support.deliveries import World
from tests.support.delivery_proofs import JPEG, delivered, link, open_proof, put, say_uploaded
from tests.support.paths import ROOT


@pytest.mark.usefixtures("bucket")
def test_a_proof_is_shown_for_30_days(world: World, env: Environment, another_env: Callable[..., Environment]) -> None:
    delivery, ana = delivered(world), world.couriers["ana"]
    put(open_proof(ana, delivery, "photo", JPEG).json["upload"], JPEG)
    say_uploaded(ana, delivery, "photo")
    for days, status in ((29, 201), (31, 404)):
        now = env.clock() + timedelta(days=days)
        drop_old(another_env(clock=lambda now=now: now), now + timedelta(minutes=1))
        assert link(world.desk, delivery, "photo").status == status


def test_the_bucket_deletes_objects_at_the_same_age() -> None:
    entries = yaml.safe_load((ROOT / "functions/delivery/functions.yml").read_text(encoding="utf-8"))
    [rule] = entries["resources"]["Resources"]["ProofsBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    assert (rule["Status"], timedelta(days=rule["ExpirationInDays"])) == ("Enabled", PROOFS_LAST)
