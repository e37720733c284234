"""The push service decrypts the example of RFC 8291 and refuses what the RFCs forbid."""

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from tests.simulators.chat.push_service import CURVE, Browser, PushService, padded, unpadded, verified

# RFC 8291, section 5.
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl"
    "7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)
BROWSER_KEY, SECRET = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94", "BTBZMqHH6r4Tts7J_aSIgg"
# RFC 8292, section 2.4.
TOKEN = (
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE0NTM1MjM3NjgsInN1YiI6Im1"
    "haWx0bzpwdXNoQGV4YW1wbGUuY29tIn0.i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGSK2rpiUfnK9ojFwDXb1JrErtmysazNjjvW2L9OkSSHzvoD1oA"
)
TOKEN_KEY = "BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs"


@pytest.fixture
def service() -> Iterator[PushService]:
    with PushService() as server:
        yield server


def test_example_of_rfc_8291_is_decrypted() -> None:
    private = ec.derive_private_key(int.from_bytes(padded(BROWSER_KEY), "big"), CURVE)
    browser = Browser("one", private, padded(SECRET))
    assert browser.decrypt(padded(BODY)) == b"When I grow up, I want to be a watermelon"


def test_example_of_rfc_8292_is_verified() -> None:
    claims = verified(TOKEN_KEY, TOKEN)
    assert claims is not None
    assert claims["aud"] == "https://push.example.net"
    assert verified(TOKEN_KEY, TOKEN[:-4] + "AAAA") is None


def vapid(audience: str, seconds: int = 3600) -> str:
    private = ec.generate_private_key(CURVE)
    claims = {"aud": audience, "exp": int(time.time()) + seconds, "sub": "mailto:ops@example.com"}
    signed = ".".join(unpadded(json.dumps(part).encode()) for part in ({"typ": "JWT", "alg": "ES256"}, claims))
    left, right = utils.decode_dss_signature(private.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    numbers = private.public_key().public_numbers()
    key = b"\4" + numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")
    return f"vapid t={signed}.{unpadded(left.to_bytes(32, 'big') + right.to_bytes(32, 'big'))}, k={unpadded(key)}"


def push(http: httpx.Client, endpoint: str, **headers: Any) -> int:
    return http.post(endpoint, headers={"TTL": "60", **headers}).status_code


def test_empty_push_needs_ttl_and_credentials(service: PushService, http: httpx.Client) -> None:
    endpoint = service.subscription("one")["endpoint"]
    good = vapid(service.url)
    assert push(http, endpoint, Authorization=good) == 201
    assert push(http, endpoint, Authorization=good, TTL="") == 400
    refused = [vapid("https://other.example"), vapid(service.url, -1), vapid(service.url, 90_000), ""]
    assert [push(http, endpoint, Authorization=text) for text in refused] == [403] * 4


def test_subscription_ends_and_is_full(service: PushService, http: httpx.Client) -> None:
    endpoint = service.subscription("one")["endpoint"]
    assert http.post(endpoint, content=b"a" * 4097, headers={"TTL": "1"}).status_code == 413
    service.browsers["one"].ended = 410
    assert push(http, endpoint) == 410
    assert push(http, f"{service.url}/push/other") == 404


def test_message_without_ttl_is_lost_while_the_browser_is_offline(service: PushService, http: httpx.Client) -> None:
    endpoint = service.subscription("one")["endpoint"]
    service.browsers["one"].online = False
    for ttl in ("0", "60"):
        push(http, endpoint, Authorization=vapid(service.url), TTL=ttl)
    assert [taken.shown for taken in service.pushes] == [False, True]
