"""CSV files in object storage: each document is written once, is found again on a doubt, and is compared."""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from functions.sync.adapters import csv_files
from functions.sync.adapters.contract import Accepted, AccessRefused, BatchRefused, InDoubt, Refused
from functions.sync.adapters.csv_documents import document_file
from functions.sync.adapters.s3_signature import object_url, signed_headers
from functions.sync.documents.document import Kind
from functions.sync.outside.client import Client
from functions.sync.outside.exchange import HttpReply, HttpRequest
from functions.sync.states import Cause, DocumentState
from shared.kit.outside.exchange import Lost
from shared.spine.env import Environment
from stack.emulator import Emulator
from stack.mariadb import MariaDB
from tests.functions.sync.adapters.test_rest import DAY, a_sale
from tests.support.orders import Caller, an_order, paid
from tests.support.sync import CHAIN, Sync

BUCKET, KEYS = "erp-files", {"access_key": "test", "secret_key": "test"}


@pytest.fixture
def s3(emulator: Emulator) -> Iterator[Any]:
    client = emulator.client("s3")
    client.create_bucket(Bucket=BUCKET)
    for found in client.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        client.delete_object(Bucket=BUCKET, Key=found["Key"])
    yield client
    client.close()


@pytest.fixture
def url(emulator: Emulator, s3: Any) -> str:
    del s3  # the bucket is there
    return f"{emulator.endpoint}/{BUCKET}/chain"


@pytest.fixture
def adapter(url: str) -> Iterator[csv_files.CsvFiles]:
    client = Client(local=True)
    yield csv_files.make(url, KEYS, {}, client.exchange)
    client.close()


def content(s3: Any, name: str) -> bytes:
    found: bytes = s3.get_object(Bucket=BUCKET, Key=f"chain/{name}")["Body"].read()
    return found


def names(s3: Any) -> list[str]:
    return [found["Key"].removeprefix("chain/") for found in s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])]


def test_a_document_is_a_file_with_a_row_for_each_line(adapter: csv_files.CsvFiles, s3: Any) -> None:
    assert adapter.post([a_sale("a"), a_sale("b")]) == {"a": Accepted("a"), "b": Accepted("b")}
    assert names(s3) == ["documents/sale/a.csv", "documents/sale/b.csv"]
    [row] = csv.DictReader(io.StringIO(content(s3, "documents/sale/a.csv").decode()))
    assert row == {
        "key": "a", "kind": "sale", "store": "W-s1", "to_store": "", "day": "2026-05-01", "reference": "till 7",
        "refers_to": "", "currency": "CNY", "tender": "", "payments": "CASH=1.06", "net": "1.00", "tax": "0.06",
        "gross": "1.06", "line_type": "item", "item": "I-cola", "name": "Tea", "quantity": "1", "unit": "PCS",
        "line_net": "1.00", "line_tax": "0.06", "tax_code": "V6",
    }  # fmt: skip


def test_a_document_is_found_with_its_amounts_and_its_cancellation(adapter: csv_files.CsvFiles) -> None:
    adapter.post([a_sale("a")])
    [found] = adapter.find(Kind.SALE, ["a", "b"])
    assert (found.key, found.state, found.day, found.gross, found.quantity) == (
        "a",
        "posted",
        DAY,
        Decimal("1.06"),
        Decimal(1),
    )
    assert found.payments == (("CASH", Decimal("1.06")),)
    assert adapter.cancel(Kind.SALE, ["a"]) == adapter.cancel(Kind.SALE, ["a"]) == {"a": Accepted("a")}
    assert [found.state for found in adapter.find(Kind.SALE, ["a"])] == ["cancelled"]


@pytest.mark.parametrize("same", [True, False])
def test_a_file_that_is_there_is_not_replaced(*, same: bool) -> None:
    document = a_sale("a")
    written = document_file(document)
    requests: list[HttpRequest] = []

    def storage(asked: Any) -> list[HttpReply]:
        requests.extend(asked)
        if asked[0].method == "PUT":
            return [HttpReply(412)]
        return [HttpReply(200, written if same else written.replace(b"1.06", b"9.06"))]

    result = csv_files.make("https://s3.example.com/b", KEYS, {}, storage).post([document])["a"]
    assert [request.headers.get("if-none-match") for request in requests] == ["*", None]
    if same:
        assert result == Accepted("a")
    else:
        assert isinstance(result, Refused)
        assert (result.cause, result.reason) == (Cause.DATA, "file_differs")


def test_answers_name_the_doubt() -> None:
    def adapter(reply: HttpReply) -> csv_files.CsvFiles:
        return csv_files.make("https://s3.example.com/b", KEYS, {}, lambda _: [reply])

    with pytest.raises(InDoubt):
        adapter(HttpReply(503)).post([a_sale("a")])
    with pytest.raises(InDoubt):
        adapter(HttpReply(failure=Lost.NO_REPLY)).find(Kind.SALE, ["a"])
    with pytest.raises(AccessRefused):
        adapter(HttpReply(403)).find(Kind.SALE, ["a"])
    with pytest.raises(InDoubt):
        adapter(HttpReply(200, document_file(a_sale("b")))).find(Kind.SALE, ["a"])
    with pytest.raises(BatchRefused) as refused:
        list(adapter(HttpReply(404)).read_documents(Kind.SALE, DAY, DAY + timedelta(days=1)))
    assert refused.value.reason == "no_answer_file"
    for broken in (
        b"key\na\n",
        b"\xff\xfe",
        b"key,id,store,day,tender,payments,net,tax,gross,quantity\na,,s,x,,,1,0,1,1\n",
    ):
        with pytest.raises(InDoubt):
            list(adapter(HttpReply(200, broken)).read_documents(Kind.SALE, DAY, DAY + timedelta(days=1)))


@pytest.mark.parametrize(
    ("method", "name", "body"), [("GET", "a b/一.csv", b""), ("PUT", "documents/sale/S1.1.csv", b"x")]
)
def test_the_signature_is_that_of_the_official_sdk(method: str, name: str, body: bytes) -> None:
    url = object_url("https://bucket.s3.eu-central-1.amazonaws.com/chain/", name)
    further = {"if_none_match": "*"} if method == "PUT" else {}
    ours = signed_headers(method, url, body, "AKID", "secret", "eu-central-1", datetime.now(UTC), **further)
    unsigned = {key: value for key, value in ours.items() if key not in ("authorization", "x-amz-date", "host")}
    request = AWSRequest(method, url, headers=unsigned, data=body)
    S3SigV4Auth(Credentials("AKID", "secret"), "s3", "eu-central-1").add_auth(request)
    if request.headers["X-Amz-Date"] != ours["x-amz-date"]:
        pytest.skip("the second ended between both signatures")
    assert request.headers["Authorization"] == ours["authorization"]


def test_sales_reach_the_folder_once_and_the_answer_file_is_compared(
    env: Environment,
    database: MariaDB,
    call: Caller,
    store: str,
    url: str,
    s3: Any,
    moved_clock: Callable[[float], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Noon is far from the end of a business day, whose documents are due half an hour later.
    moved_clock((env.clock().replace(hour=12) + timedelta(days=1) - env.clock()).total_seconds())
    sync = Sync(env, database.owner.url)
    call.at = sync.call.at = int(env.clock().timestamp())
    same = ["stores", "items", "tenders", "units", "taxes"]
    body = {"kind": "csv_files", "url": url, "credentials": KEYS, "same_codes": same}
    assert sync.call("PUT", f"/v1/sync/systems/erp{CHAIN}", body).status == 200
    sync.begin()
    for _ in range(3):
        call("POST", "/v1/orders", an_order(store, payments=paid(1325)))
    real, lost = Client._once, iter([True, False, True])

    def losing(client: Client, request: HttpRequest) -> HttpReply:
        reply = real(client, request)
        return HttpReply(failure=Lost.NO_REPLY) if request.method == "PUT" and next(lost, False) else reply

    monkeypatch.setattr(Client, "_once", losing)
    for _ in range(4):
        sync.push()
        moved_clock(100)
    files = names(s3)
    assert len(files) == len(sync.rows()) == 3
    assert {row.state for row in sync.rows()} == {DocumentState.DONE}
    rows = [next(csv.DictReader(io.StringIO(content(s3, name).decode()))) for name in files]
    assert sum(Decimal(row["gross"]) for row in rows) == Decimal("39.75")
    _answer(s3, rows)
    sync.call.at = int(env.clock().timestamp())
    sync.begin("reconcile", hour=0, days=1)
    tomorrow = timedelta(days=1)
    sync.call.at = int((env.clock() + tomorrow).timestamp())
    moved_clock(86_400)
    result = sync.reconcile()
    assert (result["documents"], result["gross"]) == (3, -1), result["differences"]
    [difference] = result["differences"]["documents"]
    assert (difference["fault"], difference["gross_here"], difference["gross_there"]) == ("differs", 1325, 1326)


def _answer(s3: Any, rows: list[dict[str, str]]) -> None:
    """The answer of the other side, written as the guide says. It has one cent too much."""
    day = date.fromisoformat(rows[0]["day"])
    lines = ["key,id,store,day,tender,payments,net,tax,gross,quantity"]
    for number, row in enumerate(rows):
        gross = Decimal(row["gross"]) + (Decimal("0.01") if number == 0 else 0)
        net = gross - Decimal(row["tax"])
        payments = f"{row['payments'].partition('=')[0]}={gross}"
        lines.append(f"{row['key']},{number},{row['store']},{day},,{payments},{net},{row['tax']},{gross},1")
    head = lines[0]
    for kind, text in (("sale", "\n".join(lines)), ("credit_note", head)):
        s3.put_object(Bucket=BUCKET, Key=f"chain/answers/{kind}/{day}.csv", Body=f"{text}\n".encode())
