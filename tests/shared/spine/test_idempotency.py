"""Keys in the database: work that happens once."""

import json
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as some

from shared.spine.db import Transaction
from shared.spine.env import Environment
from shared.spine.errors import Conflict, Misconfigured, Rejected
from shared.spine.idempotency import Key, Replay, claim, once, request_hash
from stack.mariadb import MariaDB

CLIENT = ""
NOW = datetime(2025, 1, 15, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats(allow_nan=False, allow_infinity=False) | some.text(),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@pytest.fixture(autouse=True)
def client(monkeypatch: pytest.MonkeyPatch) -> None:
    """New for each test: a key that was deleted a moment ago locks its neighbours until the database has cleaned up."""
    monkeypatch.setattr(f"{__name__}.CLIENT", uuid.uuid4().hex)


def key(name: str = "k1", signature: bytes = b"s", asked: bytes = b"h", client: str = "") -> Key:
    return Key(client or CLIENT, name, signature.ljust(32, b"."), asked.ljust(32, b"."))


def work(env: Environment, about: Key, reply: str = "done") -> str:
    with env.db.transaction() as transaction, once(transaction, about, NOW, env.keyring) as kept:
        kept.status, kept.reply = 201, reply
    return reply


def begin(transaction: Transaction, about: Key) -> None:
    claim(transaction, about, NOW, reply_of="order", status=201, select_reply="SELECT * FROM idempotency_keys")
    transaction.send_waiting()


def keep_secret(env: Environment, about: Key, secret: str) -> None:
    with env.db.transaction() as transaction, once(transaction, about, NOW, env.keyring) as kept:
        kept.status, kept.reply, kept.secret_until = 201, secret, NOW + HOUR


def secret_replayed(env: Environment, about: Key, at: datetime, keyring: Sequence[str]) -> str:
    def repeat() -> None:
        with env.db.transaction() as transaction, once(transaction, about, at, lambda: keyring):
            pytest.fail("done twice")

    with pytest.raises(Replay) as replay:
        repeat()
    return replay.value.reply


def replayed(env: Environment, about: Key) -> tuple[int, str]:
    with pytest.raises(Replay) as replay:
        work(env, about, "again")
    return replay.value.status, replay.value.reply


def test_the_first_reply_is_kept_and_replayed_by_key_or_by_signature(env: Environment) -> None:
    work(env, key())
    assert replayed(env, key()) == (201, "done")
    assert replayed(env, key(signature=b"later")) == (201, "done")
    assert replayed(env, key(name="added by somebody else")) == (201, "done")
    assert work(env, key("k2", b"other")) == "done"
    assert work(env, key(client="c2")) == "done"


def test_another_request_under_a_used_key_is_rejected(env: Environment) -> None:
    work(env, key())
    for other in (key(asked=b"other"), key(asked=b"other", signature=b"other"), key(name="k2", asked=b"other")):
        with pytest.raises(Rejected) as refused:
            work(env, other)
        assert refused.value.code == "key_reused"


def test_work_that_fails_leaves_no_key(env: Environment) -> None:
    def fail() -> None:
        with env.db.transaction() as transaction, once(transaction, key(), NOW, env.keyring):
            raise ZeroDivisionError

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            fail()
    assert work(env, key()) == "done"


def test_a_reply_with_a_secret_is_nowhere_in_clear_and_replayed_as_it_was(env: Environment, database: MariaDB) -> None:
    keep_secret(env, key(), "7KQ2-M4XD")
    with database.owner.connect() as connection, connection.cursor() as cursor:
        for table in ("idempotency_keys", "secret_replies"):
            cursor.execute(f"SELECT * FROM {table} WHERE client_id = %s", (CLIENT,))
            assert "7KQ2-M4XD" not in repr(cursor.fetchall())
    for same in (key(), key(signature=b"later"), key(name="added by somebody else")):
        assert secret_replayed(env, same, NOW, env.keyring()) == "7KQ2-M4XD"


def test_a_secret_reply_ends_with_its_secret_and_is_not_done_again(env: Environment) -> None:
    keep_secret(env, key(), "7KQ2-M4XD")
    assert secret_replayed(env, key(), NOW + HOUR - timedelta(seconds=1), env.keyring()) == "7KQ2-M4XD"
    for _ in range(2):
        with pytest.raises(Rejected) as refused:
            secret_replayed(env, key(), NOW + HOUR, env.keyring())
        assert (refused.value.code, refused.value.status) == ("reply_expired", 410)
        with env.db.transaction() as transaction:
            transaction.execute("DELETE FROM secret_replies")


def test_a_secret_reply_outlives_a_rotation_of_the_keyring(env: Environment) -> None:
    keep_secret(env, key(), "7KQ2-M4XD")
    newer = Fernet.generate_key().decode()
    assert secret_replayed(env, key(), NOW, [newer, *env.keyring()]) == "7KQ2-M4XD"
    with pytest.raises(Misconfigured, match="not in the key ring"):
        secret_replayed(env, key(), NOW, [newer])


def test_keys_that_differ_by_case_are_two(env: Environment) -> None:
    assert work(env, key("a", b"1")) == work(env, key("A", b"2")) == "done"


def test_a_twin_waits_then_is_told_that_the_first_is_at_work(
    env: Environment, another_env: Callable[..., Environment]
) -> None:
    other = another_env()
    with env.db.transaction() as first:
        begin(first, key())
        for twin in (key(), key("k2"), key(signature=b"other")):
            with pytest.raises(Conflict) as refused, other.db.transaction() as second:
                # A second of waiting is enough for each of them.
                second.execute("SET SESSION innodb_lock_wait_timeout = 1")  # MySQL takes no less
                begin(second, twin)
            assert (refused.value.code, refused.value.retry_after) == ("in_flight", 1)
        # Nobody else waits.
        with other.db.transaction() as second:
            begin(second, key("k2", b"other"))


def shuffled(value: object) -> object:
    if isinstance(value, dict):
        return {name: shuffled(value[name]) for name in reversed(value)}
    return [shuffled(one) for one in value] if isinstance(value, list) else value


@given(JSON)
def test_a_request_is_the_same_whatever_the_order_of_its_members(document: object) -> None:
    assert request_hash("POST", "/a", document) == request_hash("POST", "/a", shuffled(document))


@given(JSON, JSON)
def test_two_requests_are_the_same_only_if_they_ask_the_same(one: object, other: object) -> None:
    same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    assert (request_hash("POST", "/a", one) == request_hash("POST", "/a", other)) == same


def test_method_and_path_are_part_of_a_request() -> None:
    made = {request_hash(method, path, None) for method in ("POST", "PUT") for path in ("/a", "/b", "/a?x=1", "/a?")}
    assert len(made) == 8
    assert len(request_hash("POST", "/", {"lone": "\ud800"})) == 32
