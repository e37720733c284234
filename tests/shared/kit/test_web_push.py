"""Web push: the example of RFC 8291, a push service by another hand, and subscriptions that are attacks."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from shared.kit.web_push import (
    MOST_CONTENT_BYTES,
    PushOutcome,
    Server,
    Subscription,
    encrypted,
    parsed_subscription,
    push_outcome,
    push_request,
    server_of,
)
from shared.spine.errors import Rejected
from tests.simulators.chat.push_service import PushService

CURVE = ec.SECP256R1()
NOW = datetime.now(UTC)
SERVER = Server(ec.generate_private_key(CURVE), "mailto:ops@chain.example")
POINT = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
GOOD: dict[str, Any] = {"endpoint": "https://push.example.com/a", "keys": {"p256dh": POINT, "auth": AUTH}}


def raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@pytest.fixture
def service() -> Iterator[PushService]:
    with PushService() as running:
        yield running


def pushed(service: PushService, name: str, content: bytes, ttl: int = 60) -> int:
    document = service.subscription(name, SERVER.public_text)
    request = push_request(SERVER, parsed_subscription(document, local=True), content, NOW, ttl=ttl)
    return httpx.post(request.url, headers=dict(request.headers), content=request.body).status_code


def test_the_example_of_rfc_8291_section_5() -> None:
    sender = ec.derive_private_key(int.from_bytes(raw("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), "big"), CURVE)
    subscription = Subscription("https://push.example.net/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV", raw(POINT), raw(AUTH))
    body = encrypted(b"When I grow up, I want to be a watermelon", subscription, sender, raw("DGv6ra1nlYgDCS1FRnbzlw"))
    assert body == raw(
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A"
        "_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


def test_a_browser_reads_the_message_and_its_time_to_live(service: PushService) -> None:
    content = json.dumps({"text": "Your order is ready 牛肉面"}).encode()
    assert push_outcome(pushed(service, "b1", content, ttl=300)) is PushOutcome.ACCEPTED
    [push] = service.pushes
    assert (push.text, push.ttl) == (content, 300)


def test_the_longest_content_is_taken_and_a_longer_one_is_refused_here(service: PushService) -> None:
    assert push_outcome(pushed(service, "b1", b"x" * MOST_CONTENT_BYTES)) is PushOutcome.ACCEPTED
    with pytest.raises(Rejected):
        pushed(service, "b2", b"x" * (MOST_CONTENT_BYTES + 1))


def test_each_service_gets_claims_of_its_own(service: PushService) -> None:
    with PushService() as other:
        assert pushed(service, "b1", b"a") < 300
        assert pushed(other, "b2", b"b") < 300


def test_another_key_has_no_rights(service: PushService) -> None:
    document = service.subscription("b1", server_of("AQ", "mailto:a@b.example").public_text)
    request = push_request(SERVER, parsed_subscription(document, local=True), b"a", NOW, ttl=1)
    status = httpx.post(request.url, headers=dict(request.headers), content=request.body).status_code
    assert push_outcome(status) is PushOutcome.RIGHTS


@pytest.mark.parametrize("status", [404, 410])
def test_an_ended_subscription_is_told_apart(service: PushService, status: int) -> None:
    document = service.subscription("b1", SERVER.public_text)
    service.browsers["b1"].ended = status
    request = push_request(SERVER, parsed_subscription(document, local=True), b"a", NOW, ttl=1)
    reply = httpx.post(request.url, headers=dict(request.headers), content=request.body)
    assert (reply.status_code, push_outcome(reply.status_code)) == (status, PushOutcome.ENDED)


def test_statuses() -> None:
    outcomes = {429: PushOutcome.LATER, 503: PushOutcome.LATER, 413: PushOutcome.CONTENT, 301: PushOutcome.LATER}
    assert {status: push_outcome(status) for status in outcomes} == outcomes


@pytest.mark.parametrize(
    "change",
    [
        {"endpoint": "http://push.example.com/a"},
        {"endpoint": "https://127.0.0.1.internal/a"},
        {"endpoint": "https://user:pw@push.example.com/a"},
        {"endpoint": "https://push.example.com:22/a"},
        {"endpoint": None},
        {"keys": None},
        {"keys": {"p256dh": POINT[:-4], "auth": AUTH}},
        {"keys": {"p256dh": "B" + "A" * 86, "auth": AUTH}},
        {"keys": {"p256dh": POINT, "auth": "!!"}},
        {"keys": {"p256dh": POINT, "auth": AUTH + AUTH}},
    ],
)
def test_a_subscription_that_is_an_attack_is_refused(change: dict[str, Any]) -> None:
    assert parsed_subscription(GOOD, local=False).endpoint == GOOD["endpoint"]
    with pytest.raises(Rejected):
        parsed_subscription(GOOD | change, local=False)


def test_secrets_are_not_shown() -> None:
    request = push_request(SERVER, parsed_subscription(GOOD, local=False), b"a", NOW, ttl=1)
    assert "push.example.com" not in repr(request)
    assert "secret" not in repr(parsed_subscription(GOOD, local=False))
