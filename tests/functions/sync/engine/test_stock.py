"""Sales use up stock by recipe; wastage, counts, receipts and transfers of stores reach the ERP once."""

import hashlib
import json
import urllib.parse
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

from functions.sync.states import Cause, DocumentState
from stack.emulator import Emulator
from tests.simulators.erp import Erp
from tests.support.orders import Caller, an_order, open_store, paid
from tests.support.sync import CHAIN, Sync, base

UNITS = {"kg": {"base": "g", "factor": "1000"}}
ITEMS = [
    {"id": "flour", "name": "Flour", "unit": "g", "conversions": {"bag": "25000"}},
    {"id": "pineapple", "name": "Pineapple", "unit": "pc"},
]
GRAM = [{"item": "flour", "quantity": "1", "unit": "g"}]
RECIPES = [
    # Ten pizzas take 2 kg of flour, and 3 pineapples of which three quarters are usable.
    {
        "code": "hawaiian",
        "portions": "10",
        "ingredients": [
            {"item": "flour", "quantity": "2", "unit": "kg"},
            {"item": "pineapple", "quantity": "3", "unit": "pc", "usable": "0.75"},
        ],
    },
]


@pytest.fixture
def kitchen(sync: Sync, erp: Erp, store: str) -> Sync:
    """Recipes, and an ERP that knows the stock items by other codes."""
    known = base(store)
    known["codes"]["units"] = {"GRM": "g", "PCE": "piece", "PCS": "PCS", "KGM": "KGM"}
    known["items"] += [
        {"code": code, "name": code, "unit": unit, "tax_code": "V6", "active": True}
        for code, unit in (("RAW-1", "GRM"), ("RAW-2", "PCE"))
    ]
    erp.base(known)
    sync.put_codes("items", {"flour": "RAW-1", "pineapple": "RAW-2"})
    sync.put_codes("units", {"g": "GRM", "pc": "PCE"})
    for path, body in (
        ("units", {"units": UNITS}),
        ("stock-items", {"items": ITEMS}),
        ("recipes", {"recipes": RECIPES}),
    ):
        reply = sync.call("PUT", f"/v1/sync/{path}{CHAIN}", body)
        assert reply.status == 200, reply.text
    return sync


def posted(erp: Erp, kind: str) -> list[dict[str, Any]]:
    return [
        {"key": row["key"], "store": row["store"], "to_store": row["to_store"], "lines": _lines(str(row["lines"]))}
        for row in erp.books.rows("SELECT * FROM documents WHERE kind = ? AND state = 'posted' ORDER BY id", kind)
    ]


def _lines(text: str) -> dict[str, Decimal]:
    return {line["item"]: Decimal(line["quantity"]) for line in json.loads(text)}


def record(sync: Sync, store: str, kind: str, reference: str = "r1", **fields: Any) -> dict[str, Any]:
    body = {
        "kind": kind,
        "store": store,
        "reference": reference,
        "entries": [{"item": "flour", "quantity": "2", "unit": "kg"}],
    }
    reply = sync.call("POST", "/v1/sync/stock-records", body | fields)
    assert reply.status == 201, reply.text
    stored: dict[str, Any] = reply.json
    return stored


def test_a_day_of_sales_is_one_document_of_what_it_used_up(
    kitchen: Sync, call: Caller, store: str, erp: Erp, moved_clock: Callable[[float], None]
) -> None:
    kitchen.begin("push_consumption", grace_hours=0)
    line = {"item": "hawaiian", "size": "M", "unit_price": 1325}
    for quantity in (1, 2):
        lines = [line | {"quantity": quantity}]
        total, now = 1325 * quantity, datetime.now(UTC).isoformat()
        order = an_order(store, lines=lines, total=total, payments=paid(total), placed_at=now)
        assert call("POST", "/v1/orders", order).status == 201
    kitchen.push_stock("push_consumption")
    assert posted(erp, "consumption") == []  # the day is not over
    moved_clock(2 * 86_400)
    for _ in range(2):
        kitchen.push_stock("push_consumption")
    [document] = posted(erp, "consumption")
    # 3 x 2000 g / 10, and 3 x 3 / 0.75 / 10.
    assert document["lines"] == {"RAW-1": Decimal(600), "RAW-2": Decimal("1.2")}
    assert document["store"] == f"W-{store}"


def test_documents_of_stock_are_compared_in_quantity_by_store_and_day(
    kitchen: Sync, call: Caller, store: str, erp: Erp, moved_clock: Callable[[float], None]
) -> None:
    flows = {"wastage": "push_wastage", "count": "push_counts", "receipt": "push_receipts"}
    for flow in (*flows.values(), "push_consumption"):
        kitchen.begin(flow, grace_hours=0)
    kitchen.begin("reconcile", hour=0, days=4)
    for kind in flows:
        record(kitchen, store, kind)
    now = datetime.now(UTC).isoformat()
    assert call("POST", "/v1/orders", an_order(store, payments=paid(1325), placed_at=now)).status == 201
    moved_clock(2 * 86_400)
    kitchen.push()
    for flow in (*flows.values(), "push_consumption"):
        kitchen.push_stock(flow)
    kitchen.call.at = int(kitchen.env.clock().timestamp())
    agreed = kitchen.reconcile()
    # A sale, what it used up, and three records.
    assert (agreed["documents"], agreed["differing_documents"], agreed["differing_cells"]) == (5, 0, 0), agreed

    [wasted] = erp.books.rows("SELECT id FROM documents WHERE kind = 'wastage'")
    erp.books.change_line(wasted["id"], 0, quantity="1500")
    erp.books.delete(erp.books.rows("SELECT id FROM documents WHERE kind = 'receipt'")[0]["id"])
    moved_clock(86_400)
    kitchen.call.at = int(kitchen.env.clock().timestamp())
    differing = kitchen.reconcile()
    named = {row["kind"]: row["fault"] for row in differing["differences"]["documents"]}
    assert named == {"wastage": "differs", "receipt": "missing_there"}
    cells = {
        cell["tender"]: (Decimal(cell["here"]["quantity"]), Decimal(cell["there"]["quantity"]))
        for cell in differing["differences"]["cells"]
    }
    assert cells == {"wastage": (Decimal(2000), Decimal(1500)), "receipt": (Decimal(2000), Decimal(0))}
    assert differing["gross"] == 0


@pytest.mark.parametrize(
    ("kind", "flow"), [("wastage", "push_wastage"), ("count", "push_counts"), ("receipt", "push_receipts")]
)
def test_a_record_of_a_store_is_posted_once_and_cancelled_when_it_is_taken_back(
    kitchen: Sync, store: str, erp: Erp, kind: str, flow: str
) -> None:
    kitchen.begin(flow)
    stored = record(kitchen, store, kind)
    for _ in range(2):
        kitchen.push_stock(flow)
    [document] = posted(erp, kind)
    assert (document["store"], document["lines"]) == (f"W-{store}", {"RAW-1": Decimal(2000)})
    assert kitchen.call("POST", f"/v1/sync/stock-records/{stored['id']}/cancel").status == 200
    kitchen.push_stock(flow)
    assert posted(erp, kind) == []


def test_a_transfer_names_both_stores(kitchen: Sync, store: str, erp: Erp, call: Caller) -> None:
    other = open_store(call)
    known = base(store)
    erp.base({"codes": {"stores": {f"W-{store}": "a", f"W-{other}": "b"}}, "items": known["items"]} | {})
    kitchen.put_codes("stores", {other: f"W-{other}"})
    kitchen.begin("push_transfers")
    record(kitchen, store, "transfer", to_store=other)
    kitchen.push_stock("push_transfers")
    [row] = kitchen.rows()
    assert row.state == DocumentState.DONE, (row.reason, row.detail)
    [document] = posted(erp, "transfer")
    assert (document["store"], document["to_store"]) == (f"W-{store}", f"W-{other}")


@pytest.mark.parametrize(
    "fault",
    ["cut_before", "session_lost", "too_many", "unavailable", "html", "lost", "failed_after", "truncated", "half",
     "missing_result", "partial", "late"],
)  # fmt: skip
def test_a_fault_of_the_erp_moves_no_stock_twice(
    kitchen: Sync, store: str, erp: Erp, fault: str, moved_clock: Callable[[float], None]
) -> None:
    kitchen.begin("push_wastage")
    for number in range(3):
        record(kitchen, store, "wastage", f"w{number}")
    erp.fail([fault])
    for _ in range(4):
        kitchen.push_stock("push_wastage")
        moved_clock(1000)
    assert sorted(erp.books.copies("wastage").values()) == [1, 1, 1]


def test_a_missing_code_is_named_before_anything_is_sent(kitchen: Sync, store: str, erp: Erp) -> None:
    kitchen.put_codes("items", {"flour": None})
    kitchen.begin("push_wastage")
    record(kitchen, store, "wastage")
    kitchen.push_stock("push_wastage")
    [row] = kitchen.rows()
    assert (row.cause, row.reason, row.attempts) == (Cause.MAPPING, "no_code_items", 0)
    assert posted(erp, "wastage") == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"entries": [{"item": "salt", "quantity": "1", "unit": "g"}]}, "unknown_item"),
        ({"entries": [{"item": "flour", "quantity": "1", "unit": "box"}]}, "unknown_unit"),
        ({"entries": [{"item": "flour", "quantity": "0", "unit": "g"}]}, "quantity_zero"),
        ({"to_store": "elsewhere"}, "to_store_wrong"),
    ],
)
def test_a_record_that_makes_no_document_is_refused(
    kitchen: Sync, store: str, fields: dict[str, Any], code: str
) -> None:
    body = {
        "kind": "wastage",
        "store": store,
        "reference": "r",
        "entries": [{"item": "flour", "quantity": "1", "unit": "g"}],
    }
    reply = kitchen.call("POST", "/v1/sync/stock-records", body | fields)
    assert (reply.status // 100, reply.json["code"]) == (4, code)


def test_a_recipe_with_an_unknown_unit_is_refused_as_a_whole(kitchen: Sync) -> None:
    wrong = {"code": "cola", "ingredients": [{"item": "flour", "quantity": "1", "unit": "box"}]}
    assert kitchen.call("PUT", f"/v1/sync/recipes{CHAIN}", {"recipes": [wrong]}).json["code"] == "recipe_invalid"
    reply = kitchen.call("GET", f"/v1/sync/recipes/csv{CHAIN}")
    assert "cola" not in reply.text
    assert "hawaiian,10,flour,2,kg,1" in reply.text
    again = kitchen.call("PUT", f"/v1/sync/recipes/csv{CHAIN}", {"csv": reply.text})
    assert again.json == {"stored": 1}


def test_a_photo_is_uploaded_by_its_size_type_and_hash(kitchen: Sync, store: str, emulator: Emulator) -> None:
    content, bucket = b"\xff\xd8photo", "stock-photos"
    vars(kitchen.env.settings)["drops_bucket"] = bucket
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket=bucket)
    photo = {"type": "image/jpeg", "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    upload = record(kitchen, store, "wastage", photo=photo)["upload"]
    assert {"content-type", "x-amz-checksum-sha256"} <= set(upload["headers"])
    for header in ("content-length", "content-type", "x-amz-checksum-sha256"):
        assert header in urllib.parse.unquote(upload["url"])
    put = httpx.put(upload["url"], content=content, headers=upload["headers"], trust_env=False)
    assert put.status_code == 200, put.text
    [stored] = s3.list_objects_v2(Bucket=bucket)["Contents"]
    found = s3.get_object(Bucket=bucket, Key=stored["Key"])
    assert (found["Body"].read(), found["ContentType"]) == (content, "image/jpeg")
    assert urllib.parse.urlsplit(upload["url"]).path.endswith(stored["Key"])
    too_large = photo | {"size": 5 * 1024 * 1024 + 1}
    body = {
        "kind": "wastage",
        "store": store,
        "reference": "p",
        "entries": [{"item": "flour", "quantity": "1", "unit": "g"}],
    }
    assert kitchen.call("POST", "/v1/sync/stock-records", body | {"photo": too_large}).status == 422


def test_a_quantity_that_grows_too_large_by_its_unit_is_refused(kitchen: Sync, store: str) -> None:
    units = {"units": {"silo": {"base": "g", "factor": "999999999999"}}}
    assert kitchen.call("PUT", f"/v1/sync/units{CHAIN}", units).status == 200
    entry = {"item": "flour", "quantity": "999999999999", "unit": "silo"}
    body = {"kind": "wastage", "store": store, "reference": "w", "entries": [entry]}
    assert kitchen.call("POST", "/v1/sync/stock-records", body).json["code"] == "quantity_too_large"
