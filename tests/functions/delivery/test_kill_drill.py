"""Functions that are killed while deliveries go their way: no proof is lost, and no delivery has two states.

`DRILL_SEEDS=20 .venv/bin/python -m pytest tests/functions/delivery/test_kill_drill.py` is the long form.
"""

import os
import random
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.delivery.proof.finding import find_uploaded
from shared.spine.env import Environment
from stack.mariadb import MariaDB
from tests.support.deliveries import World
from tests.support.delivery_drill import KilledFunction, StubbornDevice
from tests.support.delivery_proofs import JPEG, PNG, declaration, put

SEEDS = range(int(os.environ.get("DRILL_SEEDS", "1")))
WAY = ("accept", "pick_up", "set_off", "deliver")
STATES = ("unassigned", "accepted", "picked_up", "on_the_way", "delivered")


def rounds(minute: KilledFunction, chance: random.Random, done: threading.Event) -> None:
    """The minute's run again and again, every other one killed."""
    while not done.is_set():
        minute.ask({}, chance.uniform(0, 0.3) if chance.random() < 0.5 else None)


def carry(world: World, device: StubbornDevice, delivery: str, chance: random.Random) -> set[tuple[str, str]]:
    """Bring a delivery to the door. Returns the files that object storage took."""
    ana, path = world.couriers["ana"], f"/v1/deliveries/{delivery}"
    stored = set()
    pack = {"id": "pack", "action": "pack", "expected": "to_pick", "proofs": [declaration("packed", JPEG)]}
    assert device.post(world.packer, f"{path}/actions", pack).json["goods"] == "packed"
    for number, action in enumerate(WAY):
        files = [declaration("photo", JPEG), declaration("signature", PNG, "image/png")] if action == "deliver" else []
        body = {"id": action, "action": action, "expected": STATES[number], "proofs": files}
        assert device.post(ana, f"{path}/actions", body).json["carriage"] == STATES[number + 1]
    for who, kind, content, media_type in (
        (world.packer, "packed", JPEG, "image/jpeg"), (ana, "photo", JPEG, "image/jpeg"),
        (ana, "signature", PNG, "image/png"),
    ):  # fmt: skip
        opened = device.post(who, f"{path}/proofs", declaration(kind, content, media_type))
        if put(opened.json["upload"], content).status_code == 200:
            stored.add((delivery, kind))
        if chance.random() < 0.5:  # else the page died before it could say so
            device.post(who, f"{path}/proofs/{kind}/uploaded", {})
    return stored


@pytest.mark.parametrize("seed", SEEDS)
def test_killed_functions_lose_no_proof_and_leave_each_delivery_in_one_state(
    world: World, database: MariaDB, function_environment: dict[str, str], bucket: str,
    another_env: Callable[..., Environment], seed: int,
) -> None:  # fmt: skip
    chance = random.Random(seed)
    place = {"lat": 40.7, "lon": -74.0}
    settings = {"chain": "demo", "automatic": True, **place}
    assert world.desk("PUT", f"/v1/delivery-stores/{world.store}", settings).status == 200
    deliveries = [world.place() for _ in range(2)]
    variables = function_environment | {"PROOFS_BUCKET": bucket}
    done = threading.Event()
    with (
        KilledFunction("functions.delivery.api", variables) as api,
        KilledFunction("functions.delivery.assign_couriers", variables) as minute,
    ):
        others = threading.Thread(target=rounds, args=(minute, random.Random(f"{seed}/rounds"), done))
        others.start()
        try:
            device = StubbornDevice(api, chance)
            stored = set().union(*(carry(world, device, delivery, chance) for delivery in deliveries))
        finally:
            done.set()
            others.join()
        kills = api.kills + minute.kills
    assert kills >= 5
    assert len(stored) == 6
    for hours in range(1, 4):
        now = datetime.now(UTC) + timedelta(hours=hours)
        find_uploaded(another_env(clock=lambda now=now: now, proofs_bucket=bucket), now + timedelta(minutes=1))
    for delivery in deliveries:
        _check(world, delivery, stored)
    _check_inboxes(database)


def _check(world: World, delivery: str, stored: set[tuple[str, str]]) -> None:
    seen = world.see(delivery)
    assert (seen["goods"], seen["carriage"], seen["courier"]) == ("handed", "delivered", "ana")
    proven = {(delivery, proof["kind"]) for proof in seen["proofs"] if proof["state"] == "proven"}
    assert proven == {file for file in stored if file[0] == delivery}
    trace = world.desk("GET", f"/v1/deliveries/{delivery}/trace").json["actions"]
    kept: list[dict[str, Any]] = [action for action in trace if action["became"] and action["action"] in WAY]
    assert [(action["action"], action["found"], action["became"]) for action in kept] == [
        (action, STATES[number], STATES[number + 1]) for number, action in enumerate(WAY)
    ]


def _check_inboxes(database: MariaDB) -> None:
    """Each inbox is numbered without a gap, and its head is its last message."""
    with database.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT h.recipient FROM inbox_heads h LEFT JOIN inbox_messages m ON m.recipient = h.recipient"
            " GROUP BY h.recipient, h.seq HAVING h.seq <> COUNT(m.seq) OR h.seq <> COALESCE(MAX(m.seq), 0)"
        )
        assert cursor.fetchall() == ()
