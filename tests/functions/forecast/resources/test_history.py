"""History over HTTP: imports of files."""

import base64
import gzip
import io
from collections.abc import Callable
from datetime import date, timedelta
from urllib.request import Request, urlopen

import pandas as pd
import pytest

from tests.functions.forecast.nights import CHAIN, STORES, Chain
from tests.support.orders import Caller


def test_imported_history_stands_above_orders_and_bad_files_leave_nothing(chain: Chain, call: Caller) -> None:
    file = "store_id,date,revenue\nnorth,2024-12-30,50000\nnorth,2025-01-02,70000\nnorth,2025-01-06,-5\n"
    body = {"chain": CHAIN, "currency": "USD", "csv": file}
    imported = call("POST", "/v1/forecasts/history", body)
    assert imported.status == 201, imported.text
    assert [fix["reason"] for fix in imported.json["corrections"]] == ["negative_revenue"]
    rows = call("GET", f"/v1/forecasts/history?chain={CHAIN}&store=north&since=2024-12-01&to=2025-01-05").json["days"]
    # 31 December, 1, 3, 4 and 5 January have no row between the first and the last: closed.
    assert [(row["day"], row["revenue"]) for row in rows] == [
        ("2024-12-30", 50000), ("2024-12-31", 0), ("2025-01-01", 0), ("2025-01-02", 70000), ("2025-01-03", 0),
        ("2025-01-04", 0), ("2025-01-05", 0),
    ]  # fmt: skip
    packed = base64.b64encode(as_parquet(file.encode())).decode()
    again = call("POST", "/v1/forecasts/history", body | {"csv": None, "parquet": packed})
    assert (again.status, again.json["days"], again.json["corrected"]) == (201, 7, 1), again.text
    for bad, code in [
        ("store_id,date\nnorth,2025-01-01\n", "columns_missing"),
        ("store_id,date,revenue\nnorth,soon,5\n", "date_unreadable"),
        ("store_id,date,revenue\nnorth,2025-01-01,12.50\n", "revenue_fractional"),
        ("store_id,date,revenue\nnorth,2025-01-01,5\nnorth,2025-01-01,6\n", "day_twice"),
        ("store_id,date,revenue\nnobody,2025-01-01,5\n", "unknown_store"),
    ]:
        refused = call("POST", "/v1/forecasts/history", body | {"csv": bad})
        assert (refused.status, refused.json["code"]) in ((422, code), (404, code))
    foreign = call("POST", "/v1/forecasts/history", body | {"currency": "EUR", "csv": file.replace("50000", "1")})
    assert (foreign.json["code"], foreign.json["detail"]) == (
        "wrong_currency", "store north sells in USD, and the file is in EUR",
    )  # fmt: skip
    assert chain.run("SELECT COUNT(*), MAX(revenue) FROM forecast_history WHERE source = 'import'") == [(7, 70_000)]


def test_an_import_that_mends_much_shows_some_of_it_and_says_how_much(chain: Chain, call: Caller) -> None:
    days = [date(2020, 1, 1) + timedelta(days=n) for n in range(700)]
    file = "store_id,date,revenue\n" + "".join(f"north,{day},-5\n" for day in days)
    imported = call("POST", "/v1/forecasts/history", {"chain": CHAIN, "currency": "USD", "csv": file}).json
    assert (imported["corrected"], len(imported["corrections"]), imported["days"]) == (700, 500, 0)
    assert chain.run("SELECT COUNT(*) FROM forecast_corrections") == [(700,)]


def as_parquet(content: bytes) -> bytes:
    file = io.BytesIO()
    pd.read_csv(io.BytesIO(content), parse_dates=["date"]).to_parquet(file)
    return file.getvalue()


@pytest.mark.parametrize("pack", [lambda content: content, gzip.compress, as_parquet])
def test_a_file_too_large_for_a_request_is_put_into_object_storage_and_taken_from_there(
    chain: Chain, call: Caller, pack: Callable[[bytes], bytes]
) -> None:
    days = [date(2010, 1, 1) + timedelta(days=n) for n in range(6_000)]
    lines = [f"{store},{day},{1_000 + at}" for store in STORES for at, day in enumerate(days)]
    content = pack("\n".join(["store_id,date,revenue", *lines]).encode())
    place = call("POST", "/v1/forecasts/uploads", {"chain": CHAIN, "bytes": len(content)})
    assert place.status == 201, place.text
    body = {"chain": CHAIN, "currency": "USD", "upload": place.json["upload"]}
    assert call("POST", "/v1/forecasts/history", body).json["code"] == "unknown_upload"
    with urlopen(Request(place.json["url"], content, method="PUT")) as reply:  # noqa: S310 - the emulator's
        assert reply.status == 200
    imported = call("POST", "/v1/forecasts/history", body)
    assert (imported.status, imported.json["stores"], imported.json["days"]) == (201, 3, 18_000), imported.text
    stored = chain.run("SELECT SUM(revenue) FROM forecast_history WHERE source = 'import' AND store_id = 'demo:south'")
    assert stored == [(6_000 * 1_000 + 5_999 * 6_000 // 2,)]
    two_files = call("POST", "/v1/forecasts/history", body | {"csv": "store_id,date,revenue\n"})
    assert two_files.status == 422


def test_a_file_as_people_write_it_is_imported_with_notes_and_rows_of_a_day_are_added_up(
    chain: Chain, call: Caller
) -> None:
    del chain
    file = "store_id;date;revenue\nnorth;30.12.2024;1.250,00\nnorth;31.12.2024;700,00\nnorth;31.12.2024;300,00\n"
    body = {"chain": CHAIN, "currency": "USD", "csv": file}
    refused = call("POST", "/v1/forecasts/history", body)
    assert (refused.status, refused.json["code"]) == (422, "day_twice")
    imported = call("POST", "/v1/forecasts/history", body | {"day_twice": "add"})
    assert (imported.status, imported.json["days"], imported.json["corrected"]) == (201, 2, 1), imported.text
    assert imported.json["notes"] == [
        "Columns are separated by semicolons.",
        "Column date was read as day, month, year: '30.12.2024' is 2024-12-30.",
        "Column revenue was read with a decimal comma: '1.250,00' is 1250.00.",
        "Revenue was read in minor units: '1250.00' is 12.50 USD. If it is in major units, set `unit` to `major`.",
    ]
    rows = call("GET", f"/v1/forecasts/history?chain={CHAIN}&store=north&since=2024-12-30&to=2024-12-31").json["days"]
    assert [row["revenue"] for row in rows] == [1250, 1000]


def test_an_export_with_cents_is_imported_in_major_units_and_refused_with_this_cure_without(
    chain: Chain, call: Caller
) -> None:
    file = "store_id;date;revenue\nnorth;30.12.2024;1.250,29\nnorth;31.12.2024;8,00\n"
    body = {"chain": CHAIN, "currency": "USD", "csv": file}
    refused = call("POST", "/v1/forecasts/history", body)
    assert (refused.status, refused.json["code"]) == (422, "revenue_fractional")
    assert "set `unit` to `major`" in refused.json["detail"]
    imported = call("POST", "/v1/forecasts/history", body | {"unit": "major"})
    assert imported.status == 201, imported.text
    assert imported.json["notes"][-1] == "Revenue was read in major units: 1 USD is 100."
    days = "SELECT day, revenue FROM forecast_history WHERE source = 'import' ORDER BY day"
    assert chain.run(days) == [(date(2024, 12, 30), 125_029), (date(2024, 12, 31), 800)]
    finer = body | {"unit": "major", "csv": "store_id,date,revenue\nnorth,2024-12-30,1.005\nnorth,2024-12-31,2.5\n"}
    assert call("POST", "/v1/forecasts/history", finer).json["code"] == "revenue_fractional"


def test_an_upload_in_the_encoding_of_excel_is_imported(chain: Chain, call: Caller) -> None:
    del chain
    content = "store_id\tdate\trevenue\r\nnorth\t2024/12/30\t1250\r\n".encode("utf-16")
    upload = call("POST", "/v1/forecasts/uploads", {"chain": CHAIN, "bytes": len(content)}).json
    with urlopen(Request(upload["url"], data=content, method="PUT")) as answer:  # noqa: S310 - of the local emulator
        assert answer.status == 200
    body = {"chain": CHAIN, "currency": "USD", "upload": upload["upload"]}
    imported = call("POST", "/v1/forecasts/history", body)
    assert (imported.status, imported.json["days"]) == (201, 1), imported.text
    assert imported.json["notes"][0] == "The file was read as UTF-16."
