"""Web push: a guest's page adds its browser, which decrypts the message; an ended browser is deleted."""

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from functions.outlets.pushing import sender
from functions.outlets.pushing.outcomes import PushDecision, decide_push
from functions.outlets.pushing.storing import store_push
from functions.outlets.tables.guest_pushes import GuestPush
from shared.spine.db import Locked
from tests.simulators.chat.push_service import PushService
from tests.support.guests import Guest, code
from tests.support.outlets import CHAIN
from tests.support.pushes import Pushes, subscription_of

GUEST = "guest-1"
FIELDS = {"title": "{store}", "body": "Order {number} is ready"}


@pytest.fixture
def service() -> Iterator[PushService]:
    with PushService() as fake:
        yield fake


@pytest.fixture
def device(pushes: Pushes) -> Guest:
    """A guest's page, with a rule for browsers."""
    pushes.add_web_push()
    pushes.rule("browser", robot="web", template="web", fields=FIELDS, page="https://shop.example/o")
    return pushes.device(GUEST)[0]


def add(device: Guest, service: PushService, name: str, key: str) -> None:
    server_key = device("GET", "/v1/outlets/guest/browser-key").json["public_key"]
    body = service.subscription(name, server_key)
    answer = device("PUT", "/v1/outlets/guest/browser", body, key=key)
    assert answer.status == 200, answer.text


def ready(pushes: Pushes, place: int = 0) -> None:
    _, token = pushes.device(GUEST)
    order = pushes.place(token, place)
    pushes.move(order)
    pushes.carry()


def test_each_browser_of_the_guest_shows_the_order_once(pushes: Pushes, device: Guest, service: PushService) -> None:
    for name in ("phone", "laptop"):
        add(device, service, name, name)
    ready(pushes)
    shown = {push.browser: json.loads(push.text) for push in service.pushes}
    message = {"title": "Corner", "body": "Order 1 is ready", "url": "https://shop.example/o"}
    assert shown == {"phone": message, "laptop": message}
    assert {(push.subject, push.ttl > 3000) for push in service.pushes} == {("mailto:ops@example.com", True)}
    assert [push["state"] for push in pushes.pushes_of(device)] == ["sent", "sent"]


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_ended_its_subscription_is_deleted(
    pushes: Pushes, device: Guest, service: PushService, status: int
) -> None:
    add(device, service, "phone", "k1")
    service.browsers["phone"].ended = status
    ready(pushes)
    with pushes.env.db.transaction() as transaction:
        assert list(transaction.rows("SELECT 1 FROM guest_contacts WHERE subscription IS NOT NULL")) == []
        [row] = transaction.rows("SELECT state, reason FROM guest_pushes WHERE rule_id = 'browser'")
    assert (row["state"], row["reason"]) == ("failed", "ended")


def test_no_address_of_a_browser_is_stored_in_clear(pushes: Pushes, device: Guest, service: PushService) -> None:
    add(device, service, "phone", "k1")
    with pushes.env.db.transaction() as transaction:
        [row] = transaction.rows("SELECT * FROM guest_contacts")
        stored = repr([*row.values(), *(dict(one) for one in transaction.rows("SELECT * FROM idempotency_keys"))])
    assert service.url not in stored
    assert "/push/phone" not in stored


@pytest.mark.parametrize(
    "endpoint", ["ftp://127.0.0.1/x", "not an address", "https://user@host.example/", "http://[::1"]
)
def test_a_page_names_an_address_of_the_web(device: Guest, service: PushService, endpoint: str) -> None:
    body = subscription_of(service, "phone") | {"endpoint": endpoint}
    answer = device("PUT", "/v1/outlets/guest/browser", body, key="k1")
    assert answer.status in (400, 422), answer.text


def test_a_guest_takes_the_browsers_away(pushes: Pushes, device: Guest, service: PushService) -> None:
    add(device, service, "phone", "k1")
    assert device("DELETE", "/v1/outlets/guest/browser", key="k2").json == {"removed": 1}
    ready(pushes)
    assert service.pushes == []


def test_the_server_names_no_browser_and_a_token_without_a_guest_has_no_wishes(pushes: Pushes, device: Guest) -> None:
    del device
    body = {"account": "web", "address": "x"}
    assert code(pushes.api("POST", f"/v1/outlets/guests{CHAIN}", body)) == (422, "browser_needed")
    unnamed, _ = pushes.device(None)  # type: ignore[arg-type]  # a token without a guest
    answer = unnamed("PUT", "/v1/outlets/guest/opt-out", {"opted_out": "all"}, key="k")
    assert code(answer) == (422, "guest_unnamed")


def test_a_fault_with_the_reply_to_one_push_stores_the_others(
    pushes: Pushes, device: Guest, service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("phone", "laptop"):
        add(device, service, name, name)
    broken: list[str] = []

    def breaks(service: Any, push: GuestPush, *about: Any, **more: Any) -> PushDecision:
        if not broken:
            broken.append(push.id)
            raise RuntimeError("a fault of ours")
        return decide_push(service, push, *about, **more)

    monkeypatch.setattr(sender, "decide_push", breaks)
    with suppress(RuntimeError, AssertionError):  # the message comes again
        ready(pushes)
    states = {push["push"]: push["state"] for push in pushes.pushes_of(device)}
    assert sorted(states.values()) == ["sending", "sent"]
    assert states[broken[0]] == "sending"


def test_a_reply_is_stored_after_more_locks_than_a_killed_worker_holds(
    pushes: Pushes, device: Guest, service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(device, service, "phone", "phone")
    locks = iter(range(8))

    def is_locked(*about: Any, **more: Any) -> None:
        if next(locks, None) is not None:
            raise Locked("locked", "another worker holds the row")
        store_push(*about, **more)

    monkeypatch.setattr(sender, "store_push", is_locked)
    ready(pushes)
    assert [push["state"] for push in pushes.pushes_of(device)] == ["sent"]
