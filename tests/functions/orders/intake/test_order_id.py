"""An order has the same id in every region and database, however often its source sends it."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ulid import ULID

from functions.orders.intake.order_id import order_id_of
from functions.orders.pricing.order_request import OrderIn
from ops.migrate import migrate
from shared.contracts.store_record import Store, store_of_texts
from shared.spine.env import Environment
from stack.emulator import Emulator
from stack.mariadb import MariaDB
from tests.support.environments import Another, caller
from tests.support.orders import SETTINGS, Caller, an_order, open_store

# A Wednesday, noon in New York; the store's business day ends at 04:00, which is 09:00 UTC.
NOON = datetime(2025, 1, 15, 17, 0, tzinfo=UTC)
STORE = store_of_texts("main", 1, None, (json.dumps(SETTINGS), None, None, "[]"))
SOURCE = {"kind": "till", "id": "till-1", "number": "7"}


def ulid_of(moment: datetime, *parts: str) -> str:
    """By the definition, with another library: milliseconds, then the hash of the parts after their lengths."""
    canonical = b"".join(bytes([0, 0, 0, len(part)]) + part.encode() for part in parts)
    digest = hashlib.sha256(canonical).hexdigest()[:20]
    return str(ULID.from_hex(f"{round(moment.timestamp() * 1000):012x}{digest}"))


def id_of(now: datetime = NOON, store: Store = STORE, **parts: Any) -> str:
    return order_id_of(OrderIn.model_validate_json(json.dumps(an_order("main", source=SOURCE) | parts)), store, now)


def test_the_id_is_derived_from_chain_store_source_number_and_the_stated_time() -> None:
    placed_at = datetime(2025, 1, 15, 16, 58, 3, 250_001, tzinfo=UTC)
    expected = ulid_of(placed_at, "demo", "main", "till", "till-1", "7", "2025-01-15T16:58:03.250001+00:00")
    assert id_of(placed_at=placed_at.isoformat()) == expected
    assert id_of(placed_at="2025-01-16T00:58:03.250001+08:00", now=NOON + timedelta(days=3)) == expected


def test_without_a_stated_time_the_id_begins_with_the_business_day() -> None:
    expected = ulid_of(datetime(2025, 1, 15, tzinfo=UTC), "demo", "main", "till", "till-1", "7", "2025-01-15")
    assert id_of() == expected
    # 03:59 of the next morning still belongs to that day.
    assert id_of(now=NOON + timedelta(hours=15, minutes=59)) == expected
    assert id_of(now=NOON + timedelta(hours=16)) != expected


def test_every_part_of_the_source_makes_another_id() -> None:
    elsewhere = store_of_texts("main", 1, None, (json.dumps(SETTINGS | {"chain": "other"}), None, None, "[]"))
    ids = [
        id_of(),
        id_of(store=elsewhere),
        id_of(store=replace(STORE, id="annex")),
        *(id_of(source=SOURCE | part) for part in ({"kind": "platform"}, {"id": "till-17"}, {"number": "8"})),
        # The start of the day as a stated time is another order than one without a time.
        id_of(placed_at="2025-01-15T00:00:00Z"),
    ]
    assert len(set(ids)) == len(ids)


def test_the_rest_of_the_order_is_no_part_of_the_id() -> None:
    assert id_of(lines=[{"item": "cola", "quantity": 2, "unit_price": 300}], total=600, table="7") == id_of()


@pytest.fixture
def second_region(
    database: MariaDB, emulator: Emulator, call: Caller, another_env: Callable[..., Environment]
) -> Callable[[], Caller]:
    """Opens a second database with the clients and stores of the first one, and none of its orders."""

    def open_region() -> Caller:
        name, account = "dumbwaiter_second", database.functions
        with database.owner.connect(database=None, autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name}")
            cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
            migrate(database.owner.url.rpartition("/")[0] + f"/{name}")
            for table in ("api_clients", "api_client_secrets", "stores"):
                cursor.execute(f"INSERT INTO {name}.{table} SELECT * FROM {database.owner.database}.{table}")
        secret = {"host": account.host, "port": account.port, "username": account.user, "password": account.password}
        manager = emulator.client("secretsmanager")
        manager.create_secret(Name=name, SecretString=json.dumps(secret | {"dbname": name, "tls": False}))
        return caller(another_env(database_secret=name), call.key)

    return open_region


def test_an_order_that_is_sent_to_another_region_has_the_same_id(
    call: Caller, store: str, second_region: Callable[[], Caller]
) -> None:
    orders = [
        an_order(store),
        an_order(store, placed_at=datetime.now(UTC).isoformat()),
        an_order(store, source={"kind": "mini_program", "id": "mini", "number": "1"}),
    ]
    first = [call("POST", "/v1/orders", order).json["id"] for order in orders]
    region = second_region()
    answers = [region("POST", "/v1/orders", order) for order in orders]
    assert [(answer.status, answer.json["id"]) for answer in answers] == [(201, order_id) for order_id in first]
    assert "idempotent-replayed" not in answers[0].headers, "the second region has never seen the order"


def test_an_environment_with_an_old_copy_of_the_store_gives_the_id_of_the_present_day(
    call: Caller, another: Another
) -> None:
    store = open_store(call, timezone="America/New_York")
    stale = another(NOON)
    stale("POST", "/v1/orders", an_order(store))
    # At 17:00 UTC it is 02:00 of the 16th in Tokyo, before the end of the day at 01:00.
    settings = SETTINGS | {"timezone": "Asia/Tokyo", "day_ends_at": "01:00"}
    assert call("PUT", f"/v1/stores/{store}", settings).status == 200
    order = an_order(store)
    placed = stale("POST", "/v1/orders", order)
    expected = ulid_of(
        datetime(2025, 1, 16, tzinfo=UTC), "demo", store, "till", "till-1", order["source"]["number"], "2025-01-16"
    )
    assert (placed.status, placed.json["id"], placed.json["business_day"]) == (201, expected, "2025-01-16")
