"""clients/python against the deployed stack, through a gateway that refuses and loses replies."""

import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest

from dumbwaiter_client import Client, NoReply, Problem, RegionSuperseded
from dumbwaiter_client import client as client_module
from stack.stack import Stack
from tests.simulators.flaky_api import FlakyApi
from tests.support.paths import ROOT


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "FIRST_WAIT", 0.001)


@pytest.fixture
def client(stack: Stack, api: FlakyApi) -> Client:
    key = stack.place.keys["head_office"]
    return Client(api.address, key["id"], key["secret"], attempts=4)


def tea(store: str, **different: Any) -> dict[str, Any]:
    number = uuid.uuid4().hex
    return {
        "store": store,
        "source": {"kind": "till", "id": "python-till", "number": number},
        "service": "takeaway",
        "lines": [{"item": "tea", "quantity": 1, "unit_price": 400}],
        "total": 400,
        "currency": "USD",
    } | different


def test_an_order_goes_from_placed_to_refunded(client: Client, tea_store: str) -> None:
    assert client.get_menu(f"demo:{tea_store}")["currency"] == "USD"
    order = client.place_order(tea(tea_store))["id"]
    assert client.add_payment(order, {"reference": "p", "method": "cash", "amount": 400})["payment"] == "paid"
    assert client.move_order(order, "accepted")["fulfilment"] == "accepted"
    assert client.cancel_order(order, "guest left")["refund_due"] == 400
    assert client.add_refund(order, {"reference": "r", "amount": 400, "reason": "left"})["payment"] == "refunded"
    assert [one["id"] for one in client.list_orders(store=tea_store, status="cancelled")["orders"]] == [order]
    assert client.get_order(order)["refunded"] == 400
    right = client.create_guest_token({"store": tea_store, "source_id": "app"})
    assert len(right["numbers"]) == 1


@pytest.mark.parametrize("faults", [["503", "429", "502"], ["404"], ["cut", "cut"], ["lost"], ["lost", "503", "lost"]])
def test_attempts_have_one_key_and_one_effect(client: Client, api: FlakyApi, tea_store: str, faults: list[str]) -> None:
    api.faults = list(faults)
    order = client.place_order(tea(tea_store))
    assert len(api.seen) == len(faults) + 1
    assert len({request["idempotency-key"] for request in api.seen}) == 1
    assert len({request["authorization"] for request in api.seen}) == len(api.seen)
    assert [one["id"] for one in client.list_orders(store=tea_store)["orders"]] == [order["id"]]


def test_the_callers_key_is_sent(client: Client, api: FlakyApi, tea_store: str) -> None:
    order = tea(tea_store)
    first = client.place_order(order, key="till-1/17")
    assert client.place_order(order, key="till-1/17") == first
    assert [request["idempotency-key"] for request in api.seen] == ["till-1/17"] * 2


def test_a_refusal_is_raised_with_its_code_and_not_repeated(client: Client, api: FlakyApi, tea_store: str) -> None:
    with pytest.raises(Problem, match="not_orderable") as refused:
        client.place_order(tea(tea_store, currency="EUR"))
    assert (refused.value.status, refused.value.code) == (422, "not_orderable")
    assert [(fault["path"], fault["code"]) for fault in refused.value.errors] == [("currency", "wrong_currency")]
    assert len(api.seen) == 1


def test_the_last_attempt_ends_it(client: Client, api: FlakyApi) -> None:
    api.faults = ["503"] * 4
    with pytest.raises(Problem, match="503 busy: later"):
        client.list_orders()
    api.faults = ["cut"] * 4
    with pytest.raises(NoReply):
        client.list_orders()
    assert len(api.seen) == 8


def test_a_region_with_a_lower_epoch_is_refused(client: Client, api: FlakyApi) -> None:
    api.faults = ["epoch 7", "epoch 6"]
    client.list_orders()
    assert client.epoch == 7
    with pytest.raises(RegionSuperseded):
        client.list_orders()
    # The API itself has a lower epoch than the client has seen, and says so.
    with pytest.raises(RegionSuperseded):
        client.list_orders()
    assert (client.epoch, [request["dumbwaiter-epoch"] for request in api.seen]) == (7, ["0", "7", "7"])


def test_waits_grow_and_are_as_long_as_the_server_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "FIRST_WAIT", 0.25)
    for attempt, limit in ((1, 0.5), (2, 1.0), (3, 2.0), (20, 30.0)):
        waits = [client_module._wait(attempt, None) for _ in range(200)]
        assert 0 <= min(waits) < max(waits) <= limit
        assert max(waits) > limit / 2
    assert client_module._wait(1, "40") == 40.0


def test_an_id_with_a_slash_reaches_no_other_path(client: Client, api: FlakyApi) -> None:
    with pytest.raises(ValueError, match="no slash"):
        client.get_menu("main/menu")
    assert api.seen == []


def test_the_package_needs_the_standard_library_alone(tmp_path: Path) -> None:
    package = ROOT / "clients/python/dumbwaiter_client"
    script = "import sys; sys.path.insert(0, sys.argv[1]); import dumbwaiter_client; print(*dumbwaiter_client.__all__)"
    command = [sys.executable, "-I", "-S", "-c", script, str(package.parent)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.split() == ["Client", "NoReply", "Problem", "RegionSuperseded"]
    assert (package / "py.typed").exists()
