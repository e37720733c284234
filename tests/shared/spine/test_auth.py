"""Who is calling, and what they may."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet, InvalidToken
from hypothesis import given
from hypothesis import strategies as some

from ops.clients import Clients
from shared.spine.auth import SELECT_CLIENT, cipher, client_of, signature, string_to_sign
from shared.spine.env import Environment
from shared.spine.errors import Misconfigured
from shared.spine.rights import Grant, Scope
from stack.gateway_event import Answer, Context, answer_of, event
from stack.mariadb import MariaDB
from stack.signed_requests import signed_headers
from tests.support.environments import caller
from tests.support.orders import EVERYTHING, Caller, new_key

NOON = datetime(2025, 1, 15, 12, 0, tzinfo=UTC)
TEXT = some.text(max_size=5)


@pytest.fixture
def clients(env: Environment, database: MariaDB) -> Iterator[Clients]:
    made = Clients(database.owner.url, env.keyring())
    yield made
    made.close()


@dataclass
class Ticking:
    """The clock of caches and rates, moved by hand: a test can't wait a minute."""

    now: float = 1000.0

    def time(self) -> float:
        return self.now


@pytest.fixture
def ticking(monkeypatch: pytest.MonkeyPatch) -> Ticking:
    made = Ticking()
    monkeypatch.setattr("shared.spine.auth.time", made)
    return made


def send(call: Caller, method: str, target: str, headers: dict[str, str], body: bytes = b"") -> Answer:
    """A request as it is, whatever was signed."""
    sent = {"host": "api", "content-type": "application/json"} | {n.lower(): v for n, v in headers.items()}
    return answer_of(call.handler(event(method, target, sent, body), Context()))


def refused(answer: Answer) -> str:
    assert answer.status == 401, answer.text
    assert answer.headers["www-authenticate"] == "DUMBWAITER-HMAC-SHA256"
    assert answer.headers["content-type"] == "application/problem+json"
    code: str = answer.json["code"]
    return code


# The signature


def test_the_signature_is_what_openssl_makes_of_the_five_lines() -> None:
    query = [("b", "x y+&="), ("a", "2"), ("a", "1")]
    text = string_to_sign("post", "/v1/stores/café/menu", query, b'{"a":1}', "1736942400")
    # printf '{"a":1}' | openssl dgst -sha256
    body = "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"
    assert text == f"POST\n/v1/stores/caf%C3%A9/menu\na=1&a=2&b=x%20y%2B%26%3D\n{body}\n1736942400"
    # … | openssl dgst -sha256 -hmac 'top secret'
    assert signature(b"top secret", text) == "dfc2d957e4c7213c26105220009267055eb1f9bd5bc6eda9438f2fb3a6371f5e"


@given(some.lists(some.tuples(TEXT, TEXT), max_size=4), some.lists(some.tuples(TEXT, TEXT), max_size=4))
def test_two_queries_sign_the_same_only_if_they_say_the_same(
    one: list[tuple[str, str]], other: list[tuple[str, str]]
) -> None:
    def signed(query: list[tuple[str, str]]) -> str:
        return string_to_sign("GET", "/", query, b"", "0")

    assert (signed(one) == signed(other)) == (sorted(one) == sorted(other))
    assert signed(one) == signed(one[::-1])


@given(some.tuples(TEXT, TEXT), some.tuples(TEXT, TEXT))
def test_a_path_never_reads_as_another_nor_as_a_query(one: tuple[str, str], other: tuple[str, str]) -> None:
    def signed(path: str, query: str) -> str:
        return string_to_sign("GET", path, [(query, "")], b"", "0")

    assert (signed(*one) == signed(*other)) == (one == other)


def test_nothing_of_a_request_can_be_changed_on_the_way(call: Caller) -> None:
    body = b'{"items": []}'
    target = "/v1/stores/s1/sold-out?a=1"
    headers = signed_headers(call.key, "PUT", target, body)
    assert send(call, "PUT", target, headers, body).json["code"] == "unknown_store"  # and so let in
    later = str(float(headers["X-Dumbwaiter-Time"]) + 1)
    forged = headers["Authorization"][:-1] + ("0" if headers["Authorization"][-1] != "0" else "1")
    for name, method, at, sent, content in [
        ("path", "PUT", target.replace("s1", "s2"), headers, body),
        ("query", "PUT", target.replace("a=1", "a=2"), headers, body),
        ("more query", "PUT", f"{target}&b=1", headers, body),
        ("no query", "PUT", "/v1/stores/s1/sold-out", headers, body),
        ("body", "PUT", target, headers, b'{"items":[]}'),
        ("no body", "PUT", target, headers, b""),
        ("time", "PUT", target, headers | {"X-Dumbwaiter-Time": later}, body),
        ("signature", "PUT", target, headers | {"Authorization": forged}, body),
        ("a pair as one value", "PUT", "/v1/stores/s1/sold-out?a=1%26b", headers, body),
    ]:
        assert refused(send(call, method, at, sent, content)) == "signature_wrong", name
    get = signed_headers(call.key, "GET", "/v1/stores/s1/menu", b"")
    assert refused(send(call, "PUT", "/v1/stores/s1/menu", get)) == "signature_wrong"


def test_the_order_and_the_encoding_of_an_address_do_not_matter(call: Caller) -> None:
    headers = signed_headers(call.key, "GET", "/v1/orders?limit=5&status=placed&store=s-1", b"")
    for target in (
        "/v1/orders?limit=5&status=placed&store=s-1",
        "/v1/orders?store=s-1&status=placed&limit=5",
        "/v1/orders?st%6Fre=%73%2D1&status=pl%61ced&limit=%35",
        "/v1/%6frders?store=s-1&status=placed&limit=5",
    ):
        assert send(call, "GET", target, headers).status == 200, target
    zone = signed_headers(call.key, "GET", "/v1/orders?since=2025-01-15T12:00:00%2B08:00", b"")
    for since in ("2025-01-15T12:00:00%2B08:00", "2025-01-15T12%3a00%3A00%2b08:00"):
        assert send(call, "GET", f"/v1/orders?since={since}", zone).status == 200


def test_what_is_no_signature_is_asked_for_one(call: Caller) -> None:
    headers = signed_headers(call.key, "GET", "/v1/orders", b"")
    scheme, given_ = headers["Authorization"].split(" ", 1)
    for authorization in (
        "", scheme, given_, f"Bearer {given_}", f"{scheme.lower()} {given_}", f"{scheme} {given_}, x=1",
        f"{scheme} {given_[:-1]}", f"{scheme} {given_}0", f"{scheme} {given_.upper()}",
        f"{scheme} Credential=ü, Signature={'0' * 64}",
        f"{scheme} Credential={'k' * 33}, Signature={'0' * 64}",
        f"{headers['Authorization']},{headers['Authorization']}",
    ):  # fmt: skip
        assert (
            refused(send(call, "GET", "/v1/orders", headers | {"Authorization": authorization})) == "signature_missing"
        )
    for time in ("", "now", "-1", "1e9", "1736942400.", ".5", "1.1234567890", "٣", "1" * 13, " 1"):
        sent = headers | {"X-Dumbwaiter-Time": time}
        assert refused(send(call, "GET", "/v1/orders", sent)) == "signature_missing", time
    assert refused(send(call, "GET", "/v1/orders", {})) == "signature_missing"


def test_a_stranger_learns_nothing_about_which_keys_exist(call: Caller) -> None:
    unknown = dict(call.key) | {"id": "k" + "0" * 16}
    wrong = dict(call.key) | {"secret": "wrong"}
    answers = [Caller(call.handler, key)("GET", "/v1/orders") for key in (unknown, wrong)]
    assert answers[0].json == answers[1].json
    assert refused(answers[0]) == "signature_wrong"


def test_a_request_is_good_for_300_seconds_either_way(call: Caller, another_env: Callable[..., Environment]) -> None:
    for fraction in (timedelta(0), timedelta(milliseconds=500)):
        at = NOON + fraction
        env = another_env(clock=lambda at=at: at)
        handler = caller(env, call.key).handler
        statuses = {
            away: Caller(handler, call.key, int(NOON.timestamp()) + away)("GET", "/v1/orders").status
            for away in (-301, -300, -299, 0, 300, 301)
        }
        early = 401 if fraction else 200
        assert statuses == {-301: 401, -300: early, -299: 200, 0: 200, 300: 200, 301: 401}
    late = Caller(handler, call.key, int(NOON.timestamp()) - 302)("GET", "/v1/orders")
    assert refused(late) == "time_skewed"


@pytest.mark.parametrize(("away", "words"), [(-412, "412 s behind"), (7_200, "7200 s ahead of")])
def test_a_wrong_clock_is_told_the_time_and_the_difference(
    call: Caller, another_env: Callable[..., Environment], away: int, words: str
) -> None:
    handler = caller(another_env(clock=lambda: NOON), call.key).handler
    late = Caller(handler, call.key, int(NOON.timestamp()) + away)("GET", "/v1/orders")
    assert refused(late) == "time_skewed"
    assert (late.json["skew_seconds"], late.json["server_time"]) == (away, NOON.isoformat())
    assert f"X-Dumbwaiter-Time is {words} the server's time" in late.json["detail"]


@pytest.mark.parametrize(
    "timestamp", ["", "-1", "1e9", "now", "1795264205.", ".5", "١٧٩٥٢٦٤٢٠٥", "9" * 13, " 1795264205"]
)
def test_what_is_no_time_is_refused(call: Caller, timestamp: str) -> None:
    answer = call("GET", "/v1/orders", headers={"X-Dumbwaiter-Time": timestamp})
    assert refused(answer) == "signature_missing"


def test_a_secret_under_a_key_that_the_ring_lacks_is_for_a_person(
    database: MariaDB, another_env: Callable[..., Environment]
) -> None:
    other = Clients(database.owner.url, [Fernet.generate_key().decode()])
    key = other.create("till", ["orders:read@chain:demo"])
    other.close()
    env = another_env()
    assert caller(env, key)("GET", "/v1/orders").status == 500
    with env.db.transaction() as transaction, pytest.raises(Misconfigured, match="keyring_incomplete"):
        client_of(key["id"], transaction.rows(SELECT_CLIENT, {"client": key["id"]}), env.keyring(), 0)


def test_pages_for_people_need_no_signature(call: Caller) -> None:
    for path in ("/openapi.json", "/docs"):
        assert send(call, "GET", path, {}).status == 200


# Keys come and go


def test_a_revoked_key_is_refused_everywhere_within_a_minute(
    call: Caller, clients: Clients, another_env: Callable[..., Environment], ticking: Ticking
) -> None:
    warm = caller(another_env(), call.key)
    assert warm("GET", "/v1/orders").status == 200
    assert clients.revoke(call.key["id"])
    ticking.now += 60
    assert warm("GET", "/v1/orders").status == 200
    ticking.now += 0.1
    assert refused(warm("GET", "/v1/orders")) == "signature_wrong"
    assert refused(caller(another_env(), call.key)("GET", "/v1/orders")) == "signature_wrong"
    assert not clients.revoke(call.key["id"])


def test_a_key_that_is_made_is_good_within_a_second_though_strangers_tried_it_before(
    env: Environment, database: MariaDB, call: Caller, ticking: Ticking
) -> None:
    stranger = Caller(call.handler, {"id": "knew", "secret": "x"})
    assert refused(stranger("GET", "/v1/orders")) == "signature_wrong"
    with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        columns = "id, name, grants, sources, requests_per_second, created_at"
        cursor.execute(f"INSERT INTO api_clients ({columns}) VALUES ('knew', 'n', '[]', '[]', 10, NOW())")
        secret = cipher(env.keyring()).encrypt(b"x")
        cursor.execute("INSERT INTO api_client_secrets VALUES ('knew', NOW(), NULL, %s)", (secret,))
    assert refused(stranger("GET", "/v1/orders")) == "signature_wrong"
    ticking.now += 1
    assert stranger("GET", "/v1/orders").status == 200


def test_in_the_overlap_of_a_rotation_both_secrets_are_good_then_only_the_new_one(
    call: Caller, clients: Clients, another_env: Callable[..., Environment], ticking: Ticking
) -> None:
    assert call("GET", "/v1/orders").status == 200  # warm
    new = clients.rotate(call.key["id"], timedelta(hours=1))
    assert new["id"] == call.key["id"]
    assert new["secret"] != call.key["secret"]
    ticking.now += 1.1
    for key in (new, call.key, new):
        assert Caller(call.handler, key)("GET", "/v1/orders").status == 200
    for minutes, old in ((59, 200), (61, 401)):
        at = datetime.now(UTC) + timedelta(minutes=minutes)
        env = another_env(clock=lambda at=at: at)
        assert caller(env, new, at)("GET", "/v1/orders").status == 200
        assert caller(env, call.key, at)("GET", "/v1/orders").status == old
    newer = clients.rotate(call.key["id"], timedelta(days=1))
    at = datetime.now(UTC) + timedelta(hours=2)
    env = another_env(clock=lambda: at)
    # A second rotation does not lengthen the first one's overlap.
    assert [caller(env, key, at)("GET", "/v1/orders").status for key in (newer, new, call.key)] == [200, 200, 401]
    with pytest.raises(LookupError):
        clients.rotate("nobody")


def test_secrets_are_unreadable_at_rest(call: Caller, env: Environment, database: MariaDB) -> None:
    with database.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT encrypted FROM api_client_secrets WHERE client_id = %s", (call.key["id"],))
        ((encrypted,),) = cursor.fetchall()
        cursor.execute("SELECT * FROM api_clients WHERE id = %s", (call.key["id"],))
        assert call.key["secret"] not in str(cursor.fetchall())
    assert call.key["secret"].encode() not in bytes(encrypted)
    assert cipher(env.keyring()).decrypt(bytes(encrypted)) == call.key["secret"].encode()


def test_a_new_key_of_the_ring_encrypts_and_the_old_one_still_decrypts() -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    kept = cipher([old]).encrypt(b"secret")
    row: dict[str, Any] = {
        "grants": "[]",
        "sources": "[]",
        "requests_per_second": 1,
        "encrypted": kept,
        "expires_at": None,
    }
    assert client_of("k", [row], [new, old], 0.0).secrets == [(b"secret", None)]
    fresh = cipher([new, old]).encrypt(b"secret")
    assert cipher([new]).decrypt(fresh) == b"secret"
    with pytest.raises(InvalidToken):
        cipher([new]).decrypt(kept)
    assert "encrypted" in SELECT_CLIENT


# What they may


@pytest.mark.parametrize(
    ("grant", "place", "expected"),
    [
        ("orders:read@chain:demo", Scope("demo", "east", "s1"), True),
        ("orders:read@region:demo:east", Scope("demo", "east", "s1"), True),
        ("orders:read@store:demo:s1", Scope("demo", "east", "s1"), True),
        ("orders:read@chain:other", Scope("demo", "east", "s1"), False),
        ("orders:read@region:demo:demo", Scope("demo", "east", "s1"), False),
        ("orders:read@store:demo:s1", Scope("demo", "east", "s11"), False),
        ("orders:read@store:demo:S1", Scope("demo", "east", "s1"), False),
        ("orders:write@chain:demo", Scope("demo", "east", "s1"), False),
        ("orders:place@chain:demo", Scope("demo", "east", "s1"), False),
    ],
)
def test_a_grant_covers_one_right_at_and_below_one_place(grant: str, place: Scope, expected: bool) -> None:  # noqa: FBT001 - a table's column
    assert Grant.parse(grant).covers("orders:read", place) is expected


@pytest.mark.parametrize(
    "text", ["", "orders:read", "orders@chain:demo", "orders:read@world:x", "orders:read@chain:",
             "orders:read@chain:a b",
             "orders:read@chain:demo\n", "orders:*@chain:demo", "orders:read@chain:*"],
)  # fmt: skip
def test_what_is_no_grant_makes_no_key(text: str, clients: Clients) -> None:
    with pytest.raises(ValueError, match="is no grant"):
        clients.create("x", [text])


# How often


def test_a_client_over_its_rate_is_told_when_to_come_again(
    env: Environment, database: MariaDB, call: Caller, ticking: Ticking
) -> None:
    slow = Caller(call.handler, new_key(env, database.owner.url, EVERYTHING, rate=2))
    # Five seconds' worth may be saved up for a rush.
    assert [slow("GET", "/v1/orders").status for _ in range(11)] == [200] * 10 + [429]
    over = slow("GET", "/v1/orders")
    assert (over.status, over.json["code"]) == (429, "rate_exceeded")
    assert call("GET", "/v1/orders").status == 200  # others are not held up
    ticking.now += int(over.headers["retry-after"])
    assert [slow("GET", "/v1/orders").status for _ in range(3)] == [200, 200, 429]
    ticking.now += 3600
    assert [slow("GET", "/v1/orders").status for _ in range(11)] == [200] * 10 + [429]


def test_reading_a_client_again_does_not_refill_its_allowance(
    env: Environment, database: MariaDB, call: Caller, ticking: Ticking
) -> None:
    slow = Caller(call.handler, new_key(env, database.owner.url, EVERYTHING, rate=1))
    assert [slow("GET", "/v1/orders").status for _ in range(6)] == [200] * 5 + [429]
    ticking.now += 2.0
    wrong = Caller(call.handler, dict(slow.key) | {"secret": "wrong"})
    assert [refused(wrong("GET", "/v1/orders")) for _ in range(3)] == ["signature_wrong"] * 3
    assert [slow("GET", "/v1/orders").status for _ in range(3)] == [200, 200, 429]
