"""A file of history on its way through the deployed stack: a presigned address, the import, the reader of Parquet."""

import io
from collections.abc import Iterator
from datetime import date
from typing import Any

import httpx
import pyarrow as pa
import pytest
from pyarrow import parquet

from ops.clients import Clients
from stack.keys import keys
from stack.signed_requests import Caller
from stack.stack import Stack
from tests.support.orders import SETTINGS

CHAIN = "filed"


@pytest.fixture
def call(stack: Stack) -> Iterator[Caller]:
    """A key of a chain of its own, whose store is `main`."""
    clients = Clients(stack.db.owner.url, keys(stack.root).keyring)
    rights = ("stores:write", "menu:write", "forecast:read", "forecast:write")
    key = clients.create("planner", [f"{right}@chain:{CHAIN}" for right in rights], 1_000)
    clients.close()
    caller = Caller(stack.place.http, key)
    with caller.http:
        caller("PUT", "/v1/stores/main", SETTINGS | {"chain": CHAIN}).raise_for_status()
        yield caller


def as_parquet(**columns: Any) -> bytes:
    file = io.BytesIO()
    parquet.write_table(pa.table(columns), file, compression="zstd", write_statistics=False, store_schema=False)
    return file.getvalue()


def uploaded(call: Caller, content: bytes) -> dict[str, str]:
    """The body of an import of what was put to a presigned address, without a key."""
    opened = call("POST", "/v1/forecasts/uploads", {"chain": CHAIN, "bytes": len(content)})
    assert opened.status_code == 201, opened.text
    with httpx.Client(trust_env=False) as client:
        client.put(opened.json()["url"], content=content).raise_for_status()
    return {"chain": CHAIN, "currency": "USD", "upload": opened.json()["upload"]}


def test_parquet_is_imported_by_the_deployed_function(call: Caller) -> None:
    content = as_parquet(store_id=["main"] * 2, date=[date(2026, 3, 1), date(2026, 3, 2)], revenue=[1250, 99])
    made = call("POST", "/v1/forecasts/history", uploaded(call, content))
    assert made.status_code == 201, made.text
    page = call("GET", f"/v1/forecasts/history?chain={CHAIN}&store=main&since=2026-03-01&to=2026-03-02").json()
    assert [(day["day"], day["revenue"]) for day in page["days"]] == [("2026-03-01", 1250), ("2026-03-02", 99)]


def test_parquet_that_would_fill_the_memory_is_refused_and_the_function_goes_on(call: Caller) -> None:
    runs = pa.DictionaryArray.from_arrays(pa.array([0] * 1000, pa.int32()), ["x" * 5_000_000])
    bomb = as_parquet(store_id=runs, date=[date(2026, 3, 1)] * 1000, revenue=[1] * 1000)
    assert len(bomb) < 10_000
    refused = call("POST", "/v1/forecasts/history", uploaded(call, bomb))
    assert (refused.status_code, refused.json()["code"]) == (422, "file_too_long"), refused.text
    assert call("GET", f"/v1/forecasts/plans?chain={CHAIN}").status_code == 200
