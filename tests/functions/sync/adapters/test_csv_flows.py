"""Each flow to CSV files in object storage: one file a document although answers are lost, and cancellations."""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from functions.sync.outside.client import Client
from functions.sync.outside.exchange import HttpReply, HttpRequest
from functions.sync.states import Cause, DocumentState
from shared.kit.outside.exchange import Lost
from shared.spine.env import Environment
from stack.emulator import Emulator
from stack.mariadb import MariaDB
from tests.support.orders import Caller, an_order, open_store, paid
from tests.support.sync import CHAIN, Sync

BUCKET, KEYS = "erp-flow-files", {"access_key": "test", "secret_key": "test"}
RECORDS = {
    "wastage": "push_wastage", "count": "push_counts", "receipt": "push_receipts", "transfer": "push_transfers",
}  # fmt: skip
RECIPE = {"code": "hawaiian", "portions": "10", "ingredients": [{"item": "flour", "quantity": "2", "unit": "kg"}]}
Row = dict[str, str]


class Folder:
    """The folder of the other side, as it reads it."""

    def __init__(self, s3: Any) -> None:
        self._s3 = s3

    def files(self) -> dict[str, list[Row]]:
        """The rows of each file by its name."""
        found = self._s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        return {entry["Key"].removeprefix("chain/"): self._rows(entry["Key"]) for entry in found}

    def replace(self, name: str, content: bytes) -> None:
        """A person changes a file."""
        self._s3.put_object(Bucket=BUCKET, Key=f"chain/{name}", Body=content)

    def _rows(self, name: str) -> list[Row]:
        text = self._s3.get_object(Bucket=BUCKET, Key=name)["Body"].read().decode()
        return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture
def folder(emulator: Emulator) -> Iterator[Folder]:
    client = emulator.client("s3")
    client.create_bucket(Bucket=BUCKET)
    for found in client.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        client.delete_object(Bucket=BUCKET, Key=found["Key"])
    yield Folder(client)
    client.close()


@pytest.fixture
def sync(env: Environment, database: MariaDB, emulator: Emulator, store: str, folder: Folder) -> Sync:
    """The folder as a system of the chain, and a kitchen with a recipe."""
    del store, folder  # they are there
    made = Sync(env, database.owner.url)
    body = {
        "kind": "csv_files", "url": f"{emulator.endpoint}/{BUCKET}/chain", "credentials": KEYS,
        "same_codes": ["stores", "items", "tenders", "units", "taxes"],
    }  # fmt: skip
    assert made.call("PUT", f"/v1/sync/systems/erp{CHAIN}", body).status == 200
    units = {"kg": {"base": "g", "factor": "1000"}}
    items = [{"id": "flour", "name": "Flour", "unit": "g"}]
    for path, document in (
        ("units", {"units": units}), ("stock-items", {"items": items}), ("recipes", {"recipes": [RECIPE]}),
    ):  # fmt: skip
        assert made.call("PUT", f"/v1/sync/{path}{CHAIN}", document).status == 200
    return made


@pytest.fixture
def lossy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The answers to the first and the third PUT are lost after the file was written."""
    real, lost = Client._once, iter([True, False, True])

    def losing(client: Client, request: HttpRequest) -> HttpReply:
        reply = real(client, request)
        return HttpReply(failure=Lost.NO_REPLY) if request.method == "PUT" and next(lost, False) else reply

    monkeypatch.setattr(Client, "_once", losing)


@pytest.mark.usefixtures("lossy")
@pytest.mark.parametrize("kind", RECORDS)
def test_a_record_of_a_store_is_one_file_and_its_cancellation_another(
    sync: Sync, call: Caller, store: str, folder: Folder, moved_clock: Callable[[float], None], kind: str
) -> None:
    other = open_store(call)
    sync.begin(RECORDS[kind])
    entries = [{"item": "flour", "quantity": "2.5", "unit": "kg"}]
    body = {"kind": kind, "store": store, "reference": "r1", "entries": entries}
    body |= {"to_store": other} if kind == "transfer" else {}
    record = sync.call("POST", "/v1/sync/stock-records", body)
    assert record.status == 201, record.text
    for _ in range(3):
        sync.push_stock(RECORDS[kind])
        moved_clock(100)
    [row] = sync.rows()
    assert row.state == DocumentState.DONE, (row.reason, row.detail)
    name = f"{kind}/{row.target_key}.csv"
    assert set(folder.files()) == {f"documents/{name}"}
    [line] = folder.files()[f"documents/{name}"]
    assert (line["key"], line["kind"], line["store"]) == (row.target_key, kind, store)
    assert line["to_store"] == (other if kind == "transfer" else "")
    assert (line["item"], Decimal(line["quantity"]), line["unit"], line["line_type"]) == (
        "flour", Decimal(2500), "g", "item",
    )  # fmt: skip
    assert (line["currency"], line["payments"], Decimal(line["gross"])) == ("", "", Decimal(0))
    sync.call.at = int(sync.env.clock().timestamp())
    assert sync.call("POST", f"/v1/sync/stock-records/{record.json['id']}/cancel").status == 200
    for _ in range(3):
        sync.push_stock(RECORDS[kind])
        moved_clock(100)
    assert set(folder.files()) == {f"documents/{name}", f"cancellations/{name}"}
    assert folder.files()[f"cancellations/{name}"] == [{"key": row.target_key, "kind": kind}]


@pytest.mark.usefixtures("lossy")
def test_a_day_of_sales_is_one_file_of_what_it_used_up(
    sync: Sync, call: Caller, store: str, folder: Folder, moved_clock: Callable[[float], None]
) -> None:
    sync.begin("push_consumption", grace_hours=0)
    for _ in range(3):
        order = an_order(store, payments=paid(1325), placed_at=datetime.now(UTC).isoformat())
        assert call("POST", "/v1/orders", order).status == 201
    moved_clock(2 * 86_400)
    for _ in range(3):
        sync.push_stock("push_consumption")
        moved_clock(100)
    [(name, [line])] = folder.files().items()
    assert name.startswith("documents/consumption/")
    # Three pizzas of a recipe that takes 2 kg for ten.
    assert (line["item"], Decimal(line["quantity"]), line["unit"]) == ("flour", Decimal(600), "g")


@pytest.mark.usefixtures("lossy")
def test_a_refund_is_a_credit_note_that_names_its_sale_and_a_cancelled_order_is_cancelled(
    sync: Sync, call: Caller, store: str, folder: Folder, moved_clock: Callable[[float], None]
) -> None:
    sync.begin()
    paid_order = call("POST", "/v1/orders", an_order(store, payments=paid(1325))).json["id"]
    refund = {"reference": "r1", "amount": 325, "reason": "cold"}
    assert call("POST", f"/v1/orders/{paid_order}/refunds", refund).status == 201
    for _ in range(4):
        sync.push()
        moved_clock(100)
    files = folder.files()
    assert sorted(name.split("/")[1] for name in files) == ["credit_note", "sale"]
    [sale] = [rows for name, rows in files.items() if "/sale/" in name]
    [note] = [rows for name, rows in files.items() if "/credit_note/" in name]
    assert {row["refers_to"] for row in note} == {sale[0]["key"]}
    assert (sale[0]["gross"], note[0]["gross"]) == ("13.25", "3.25")
    for rows in (sale, note):
        net = sum(Decimal(row["line_net"]) for row in rows)
        tax = sum(Decimal(row["line_tax"]) for row in rows)
        assert (net, tax) == (Decimal(rows[0]["net"]), Decimal(rows[0]["tax"]))
        assert net + tax == Decimal(rows[0]["gross"])


@pytest.mark.usefixtures("lossy")
def test_a_business_day_is_one_file_for_each_tender(
    sync: Sync, call: Caller, store: str, folder: Folder, moved_clock: Callable[[float], None]
) -> None:
    sync.begin(per="day", grace_hours=0)
    for _ in range(3):
        assert call("POST", "/v1/orders", an_order(store, payments=paid(1325))).status == 201
    moved_clock(2 * 86_400)
    for _ in range(3):
        sync.push()
        moved_clock(100)
    [rows] = folder.files().values()
    assert (rows[0]["kind"], rows[0]["gross"], rows[0]["payments"]) == ("sale", "39.75", "")
    assert rows[0]["tender"]


def test_a_file_that_a_person_changed_is_named_and_not_replaced(
    sync: Sync, store: str, folder: Folder, moved_clock: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    sync.begin("push_wastage")
    entries = [{"item": "flour", "quantity": "1", "unit": "kg"}]
    body = {"kind": "wastage", "store": store, "reference": "r1", "entries": entries}
    assert sync.call("POST", "/v1/sync/stock-records", body).status == 201
    real = Client._once

    def changed_meanwhile(client: Client, request: HttpRequest) -> HttpReply:
        if request.method == "PUT":
            folder.replace(request.url.partition("/chain/")[2], b"by hand\n")
        return real(client, request)

    monkeypatch.setattr(Client, "_once", changed_meanwhile)
    for _ in range(2):
        sync.push_stock("push_wastage")
        moved_clock(100)
    [row] = sync.rows()
    assert (row.state, row.cause) == (DocumentState.PARKED, Cause.DATA)
    assert row.reason == "file_differs"


def test_flows_that_a_folder_does_not_offer_are_refused(sync: Sync) -> None:
    for flow in ("pull_items", "pull_stock"):
        refused = sync.call("PUT", f"/v1/sync/systems/erp/flows/{flow}{CHAIN}", {})
        assert (refused.status, refused.json["code"]) == (422, "flow_not_offered")
