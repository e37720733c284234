"""The demo's florist opens, its couriers carry an order to its door, and it ends with the demo."""

import threading
from typing import Any

import httpx
import pytest

from demo import florist
from demo.pizzaplace import CHAIN
from demo.seed import FLORIST as STORE
from stack.signed_requests import Caller
from stack.stack import Stack
from tests.support.waiting import wait_until


def named_florist() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "florist"]


def test_a_courier_of_the_florist_carries_a_gift_to_its_door(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {"STEP_SECONDS": 0.5, "SECONDS_TO_PACK": 0.0, "METRES_PER_SECOND": 1_000.0}.items():
        monkeypatch.setattr(florist, name, value)
    desk = Caller(stack.place.http, stack.place.keys["head_office"])

    def listed(state: str) -> list[dict[str, Any]]:
        target = f"/v1/deliveries?chain={CHAIN}&store={STORE}&state={state}"
        return list(desk("GET", target).json()["deliveries"])

    with desk.http, florist.florist(stack.place):
        link = capsys.readouterr().out.split("A customer")[1].split()[0]
        [gift] = [one for one in listed("open") if link.endswith(one["link"])]
        assert gift["details"]["gift"]
        track = httpx.get(f"{stack.place.http}/v1/tracks/{link.rpartition('/')[2]}", trust_env=False).json()
        assert track["sender"] is None
        body = {"id": "desk-1", "action": "assign", "expected": gift["carriage"], "courier": "courier-one"}
        desk("POST", f"/v1/deliveries/{gift['id']}/actions", body).raise_for_status()
        wait_until(lambda: gift["id"] in [one["id"] for one in listed("ended")], pause=0.5)
        couriers = desk("GET", f"/v1/couriers?chain={CHAIN}").json()["couriers"]
        assert {one["id"] for one in couriers if one["on_shift"] and one["place"]} >= {"courier-one"}
    wait_until(lambda: not named_florist())
