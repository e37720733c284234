"""Which guest tokens are valid: no forged, expired, revoked or superseded one."""

import base64
import json
from collections.abc import Callable
from datetime import datetime, timedelta

from cryptography.fernet import Fernet

from ops.clients import Clients
from shared.spine.env import Environment
from shared.spine.epoch import advance_epoch
from stack.gateway_event import Answer, Context, answer_of, event
from stack.mariadb import MariaDB
from tests.support.environments import caller
from tests.support.guests import ORDERS, Guest, code, guest_of, order_of
from tests.support.orders import Caller

# Which tokens are valid


def _altered(token: str) -> list[str]:
    header = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")
    content = base64.urlsafe_b64encode(b'{"store":"s","orders":5}').decode().rstrip("=")
    middle = len(token) // 2
    flipped = token[:middle] + ("A" if token[middle] != "A" else "B") + token[middle + 1 :]
    return [
        flipped, token[:-4], token + "A", token.removeprefix("dwg1."), token.replace("dwg1.", "dwg2."), "dwg1.",
        "dwg1." + Fernet(Fernet.generate_key()).encrypt(b"{}").decode(), f"{header}.{content}.", "x" * 5_000,
        "dwg1." + "A" * 4_000,
    ]  # fmt: skip


def test_a_forged_token_is_refused(server: Caller, store: str) -> None:
    _, token = guest_of(server, store)
    for text in _altered(token["token"]):
        refused = Guest(server.handler, text)("POST", ORDERS, order_of(token))
        assert code(refused) == (401, "token_invalid"), text[:40]
        assert refused.headers["www-authenticate"] == 'Bearer error="invalid_token"'


def test_a_secret_under_the_keyring_is_no_token(server: Caller, store: str, env: Environment) -> None:
    """The tokens have keys of their own: a text that the product encrypted for another purpose is refused."""
    _, token = guest_of(server, store)
    for key in env.keyring():
        text = "dwg1." + Fernet(key).encrypt(json.dumps({"id": "x"}).encode()).decode()
        assert code(Guest(server.handler, text)("POST", ORDERS, order_of(token))) == (401, "token_invalid")


def test_a_token_in_the_query_is_refused(server: Caller, store: str) -> None:
    _, token = guest_of(server, store)
    body = json.dumps(order_of(token)).encode()
    for name in ("access_token", "token", "authorization"):
        target = f"{ORDERS}?{name}={token['token']}"
        sent = {"host": "api", "content-type": "application/json", "idempotency-key": "k"}
        assert code(answer_of(server.handler(event("POST", target, sent, body), Context()))) == (
            401,
            "signature_missing",
        )


def test_a_token_signs_nothing(server: Caller, store: str) -> None:
    """The text of a token is no key id, no secret and no signature."""
    guest, token = guest_of(server, store)
    text = token["token"]
    for key in ({"id": "dwg1", "secret": text}, {"id": text[5:37], "secret": text}):
        assert code(Caller(server.handler, key)("GET", ORDERS)) == (401, "signature_wrong")
    both = guest("GET", ORDERS, None, authorization=f"Bearer {server.key['id']}")
    assert code(both) == (401, "token_invalid")


def test_a_token_expires(server: Caller, store: str, another_env: Callable[..., Environment]) -> None:
    _, token = guest_of(server, store, seconds=60)
    end = datetime.fromisoformat(token["expires_at"])
    for moment, status in ((end - timedelta(milliseconds=1), 201), (end, 401)):
        handler = caller(another_env(clock=lambda at=moment: at), {}).handler
        answer = Guest(handler, token["token"])("POST", ORDERS, order_of(token))
        assert answer.status == status, answer.text
    assert code(answer) == (401, "token_expired")


def test_a_token_ends_when_its_client_is_revoked_or_bound_elsewhere(
    server: Caller, store: str, env: Environment, database: MariaDB, another_env: Callable[..., Environment]
) -> None:
    clients = Clients(database.owner.url, env.keyring())
    _, token = guest_of(server, store)

    def ask() -> Answer:
        return Guest(caller(another_env(), {}).handler, token["token"])("GET", f"/v1/stores/{store}/menu")

    assert ask().status == 200
    clients.bind(server.key["id"], ["mini_program:other"])
    assert code(ask()) == (401, "token_invalid")
    clients.bind(server.key["id"], ["mini_program:*"])
    assert ask().status == 200
    assert clients.revoke(server.key["id"])
    clients.close()
    assert code(ask()) == (401, "token_invalid")


def test_a_token_outlives_a_new_key_of_the_ring_and_not_its_own(server: Caller, store: str, env: Environment) -> None:
    _, token = guest_of(server, store)
    ring = env.keyring()
    fresh = Fernet.generate_key().decode()

    def ask(keyring: list[str]) -> Answer:
        name = env.settings.keyring_secret
        env._secrets[name] = (env._secrets[name][0], {"keys": keyring})
        return Guest(server.handler, token["token"])("GET", f"/v1/stores/{store}/menu")

    assert ask([fresh, *ring]).status == 200
    assert code(ask([fresh])) == (401, "token_invalid")
    assert ask(ring).status == 200


def test_a_token_of_an_earlier_epoch_is_refused_and_one_of_a_later_epoch_finds_another_region(
    server: Caller, store: str, env: Environment, another_env: Callable[..., Environment]
) -> None:
    _, token = guest_of(server, store)
    with env.db.transaction() as transaction:
        advance_epoch(transaction, env.clock())
    handler = caller(another_env(), {}).handler
    assert code(Guest(handler, token["token"])("GET", f"/v1/stores/{store}/menu")) == (401, "token_superseded")
    _, later = guest_of(server, store)
    assert Guest(handler, later["token"])("GET", f"/v1/stores/{store}/menu").status == 200
    with env.db.transaction() as transaction:
        transaction.execute("DELETE FROM epochs", {})
    behind = caller(another_env(), {}).handler
    assert code(Guest(behind, later["token"])("GET", f"/v1/stores/{store}/menu")) == (503, "region_superseded")
