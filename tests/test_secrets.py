"""Replies that hold a secret: which they are, and that none of them lies in the database in clear."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from functions.forecast import api as forecast
from functions.members import api as members
from functions.people import api as people
from functions.printing import api as printing
from functions.webhooks import api as webhooks
from shared.spine import env as env_module
from shared.spine.env import Environment
from stack.emulator import Emulator
from stack.mariadb import MariaDB
from tests.support import order_api as orders
from tests.support.orders import Caller, new_key, open_store

# What opens something to whoever holds it. `code` of a fault, a failure or a promotion is a word that names it.
NAMES = re.compile(r"(^|_)(code|key|password|secret|token|url)$")
SECRETS = {
    "CodeDocument.code", "UploadDocument.url", "ExportDocument.url", "NewWebhookDocument.secret",
    "SecretDocument.secret", "GuestTokenDocument.token", "ClientSecretDocument.secret", "LinkMade.token",
    "NewClientDocument.secret", "TotpSecret.secret",
}  # fmt: skip
# Words for machines and guests, and the address of an integrator, whose secret is another field.
NO_SECRETS = {
    "Difference.code", "Discount.code", "DiscountTakings.code", "JobDocument.code", "LineDiscount.code",
    "MenuDiscount.code", "NewWebhookDocument.url", "WebhookDocument.url",
}  # fmt: skip
RIGHTS = ["stores:write", "menu:write", "printing:enrol", "forecast:write", "members:export"]


@pytest.fixture
def with_bucket(
    database: MariaDB, emulator: Emulator, function_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Environment]:
    del database, function_environment
    emulator.client("s3").create_bucket(Bucket="secrets")
    monkeypatch.setenv("MODELS_BUCKET", "secrets")
    monkeypatch.setenv("EXPORTS_BUCKET", "secrets")
    env_module.environment.cache_clear()
    made = env_module.environment()
    yield made
    made.close()
    env_module.environment.cache_clear()


def models_in(annotation: Any, seen: frozenset[type] = frozenset()) -> Iterator[type[BaseModel]]:
    for inner in get_args(annotation):
        yield from models_in(inner, seen)
    # A model may hold others of its own kind.
    if isinstance(annotation, type) and issubclass(annotation, BaseModel) and annotation not in seen:
        yield annotation
        for field in annotation.model_fields.values():
            yield from models_in(field.annotation, seen | {annotation})


def kept_in_clear(database: MariaDB, secret: str) -> list[str]:
    """Tables that show it, of all that there are."""
    with database.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SHOW FULL TABLES WHERE table_type = 'BASE TABLE'")
        tables = [name for name, _ in cursor.fetchall()]
        shown = []
        for table in tables:
            cursor.execute(f"SELECT * FROM `{table}`")
            shown += [table] if secret in repr(cursor.fetchall()) else []
    return shown


def test_every_secret_that_the_reply_to_a_change_may_hold_is_known_here() -> None:
    apis = (orders, printing, members, forecast, people, webhooks)
    operations = [operation for api in apis for operation in api.OPERATIONS]
    replies = [reply for operation in operations if operation.mutates for reply in operation.replies.values()]
    named = {
        f"{model.__name__}.{name}" for reply in replies for model in models_in(reply) for name in model.model_fields
        if NAMES.search(name)
    }  # fmt: skip
    assert named - NO_SECRETS == SECRETS


def test_enrolment_codes_and_upload_addresses_are_nowhere_in_clear_and_replayed(
    with_bucket: Environment, database: MariaDB
) -> None:
    key = new_key(with_bucket, database.owner.url, RIGHTS)
    store = open_store(Caller(orders.handler, key))
    cases = [
        (printing.handler, "/v1/printing/codes", {"store": store}, "code"),
        (forecast.handler, "/v1/forecasts/uploads", {"chain": "demo", "bytes": 5}, "url"),
    ]
    for handler, path, body, name in cases:
        call = Caller(handler, key)
        first, again = (call("POST", path, body, headers={"Idempotency-Key": name}) for _ in range(2))
        assert (first.status, again.status) == (201, 201), first.text
        assert again.headers["idempotent-replayed"] == "true"
        assert again.json == first.json
        assert kept_in_clear(database, first.json[name]) == []


def test_the_reply_that_begins_an_export_holds_no_address_yet(with_bucket: Environment, database: MariaDB) -> None:
    call = Caller(members.handler, new_key(with_bucket, database.owner.url, RIGHTS))
    body = {"chain": "demo", "where": "lapsed", "format": "csv"}
    begun = call("POST", "/v1/segments/exports", body)
    assert (begun.status, begun.json["url"]) == (202, None), begun.text


def test_what_was_kept_in_clear_before_is_taken_away_and_nothing_else(env: Environment, database: MariaDB) -> None:
    """By the migration that runs after the deploy."""
    del env
    code = '{"code":"7KQ2-M4XD","store":"main","expires_at":"2026-03-01T00:00:00Z"}'
    upload = '{"upload":"01JD0000000000000000000000","url":"https://b/k?X-Amz-Signature=1","expires_at":"2026-03-01"}'
    plain = '{"code":"not_a_code","store":"main"}'
    replies = [code, upload, plain, ""]
    statement = Path("migrations/0019_secret_replies_clear.sql").read_text(encoding="utf-8")
    with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO idempotency_keys (client_id, idempotency_key, signature, request_hash, reply, created_at)"
            " VALUES ('c', %s, %s, '', %s, NOW())",
            [(f"k{number}", bytes([number]), reply) for number, reply in enumerate(replies)],
        )
        cursor.execute(statement)
        cursor.execute("SELECT reply FROM idempotency_keys ORDER BY idempotency_key")
        assert cursor.fetchall() == ((None,), (None,), (plain,), ("",))
