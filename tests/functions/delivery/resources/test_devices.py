"""Browsers register with a public address over TLS and keys of the right form."""

from typing import Any

import pytest

from tests.simulators.chat.push_service import Browser, unpadded
from tests.support.deliveries import World


def subscription() -> dict[str, Any]:
    """A subscription of a browser at a public service."""
    browser = Browser("phone")
    keys = {"p256dh": unpadded(browser.public), "auth": unpadded(browser.secret)}
    return {"endpoint": "https://push.example.com/send/1", "expirationTime": None, "keys": keys}


@pytest.mark.parametrize(
    "different",
    [
        {"endpoint": "http://push.example.com/send/1"}, {"endpoint": "https://user@push.example.com/x"},
        {"endpoint": "ftp://push.example.com/x"}, {"keys": {"p256dh": "AAAA", "auth": "AAAA"}},
        {"keys": {"p256dh": unpadded(b"\4" + bytes(64)), "auth": unpadded(bytes(16))}},
    ],
)  # fmt: skip
def test_other_subscriptions_are_refused(world: World, different: dict[str, Any]) -> None:
    ana = world.couriers["ana"]
    body = {"party": "courier", "subscription": subscription()}
    assert ana("POST", "/v1/inbox/devices", body).status == 201
    answer = ana("POST", "/v1/inbox/devices", body | {"subscription": subscription() | different})
    assert answer.status in (400, 422), answer.text


def test_a_stranger_and_another_store_are_refused(world: World) -> None:
    stranger = world.caller(["delivery:manage"], "chain:other")
    for party in ("desk", "packer"):
        body = {"party": party, "chain": "demo", "store": world.store, "subscription": subscription()}
        assert stranger("POST", "/v1/inbox/devices", body).status == 403
    assert stranger("POST", "/v1/inbox/devices", {"party": "courier", "subscription": subscription()}).status == 404
