"""A person who asked to be erased is in no order any more; what was bought and paid for is."""

import json
from pathlib import Path
from typing import Any

from functions.orders.on_member_forgotten import handler
from stack.gateway_event import Context
from stack.mariadb import MariaDB
from tests.support.orders import SETTINGS, Caller, an_order

SAMPLE = json.loads(Path("events/orders/on_member_forgotten.json").read_text(encoding="utf-8"))
ANNA = {"member": "anna", "name": "Anna Karenina", "phone": "+8613800000001", "address": "Nevsky 1",
        "delivery": {"name": "Betsy Karenina", "card": "yours, Anna"}}  # fmt: skip


def forget(*external_ids: str, chain: str = "demo") -> Any:
    message = json.loads(SAMPLE["Records"][0]["body"])
    message["data"] |= {"external_ids": external_ids, "chain": chain}
    return handler({"Records": [SAMPLE["Records"][0] | {"body": json.dumps(message)}]}, Context())


def place(call: Caller, store: str, guest: dict[str, Any]) -> str:
    placed: str = call("POST", "/v1/orders", an_order(store, guest=guest, service="delivery")).json["id"]
    return placed


def test_orders_of_a_forgotten_member_keep_money_and_lines_and_lose_the_person(
    call: Caller, store: str, database: MariaDB
) -> None:
    mine = [place(call, store, ANNA), place(call, store, ANNA | {"member": "app-7"})]
    other = place(call, store, ANNA | {"member": "ben"})
    before = {order: call("GET", f"/v1/orders/{order}").json for order in [*mine, other]}
    for _ in range(2):
        assert forget("anna", "app-7") == {"batchItemFailures": []}
    for order in mine:
        assert call("GET", f"/v1/orders/{order}").json == before[order] | {"guest": None}
    assert call("GET", f"/v1/orders/{other}").json == before[other]
    with database.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id, member_id FROM orders WHERE member_id IS NOT NULL OR document LIKE '%Karenina%'")
        assert cursor.fetchall() == ((other, "ben"),)


def test_a_namesake_of_another_chain_stays(call: Caller, store: str) -> None:
    order = place(call, store, ANNA)
    forget("anna", chain="elsewhere")
    assert call("GET", f"/v1/orders/{order}").json["guest"] == ANNA
    assert SETTINGS["chain"] == "demo"


def test_more_orders_than_one_statement_takes(call: Caller, store: str, monkeypatch: Any) -> None:
    monkeypatch.setattr("functions.orders.on_member_forgotten.ORDERS_AT_ONCE", 2)
    orders = [place(call, store, ANNA) for _ in range(5)]
    forget("anna")
    assert [call("GET", f"/v1/orders/{order}").json["guest"] for order in orders] == [None] * 5
