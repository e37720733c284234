"""Files of history, as PyArrow, another program than the one that reads them, and people write them."""

import gzip
import io
import zlib
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from functions.forecast.files import contents, unpack
from shared.spine.errors import Rejected

TODAY = date(2026, 6, 1)
HEAD = "store_id,date,revenue\n"
# 2 March is missing between the first and the last: closed.
MARCH = [("north", date(2026, 3, 1), 1250), ("north", date(2026, 3, 2), 0), ("north", date(2026, 3, 3), 99)]


def written(table: pa.Table, **options: Any) -> bytes:
    file = io.BytesIO()
    parquet.write_table(table, file, **options)
    return file.getvalue()


def march(store: Any = None, day: Any = None, revenue: Any = None, **more: Any) -> pa.Table:
    plain = {"store_id": ["north", "north"], "date": [date(2026, 3, 1), date(2026, 3, 3)], "revenue": [1250, 99]}
    columns_of_file = {"store_id": store, "date": day, "revenue": revenue}
    return pa.table(plain | {name: value for name, value in columns_of_file.items() if value is not None} | more)


def read(content: bytes) -> list[tuple[str, date, int]]:
    return list(contents.days(contents.history(content, "USD", TODAY)))


def decades(stores: int) -> bytes:
    """Two rows a store, and between them the closed days of 36 years."""
    rows = [f"s{store},{year}-01-01,5\n" for store in range(stores) for year in (1990, 2026)]
    return (HEAD + "".join(rows)).encode()


@pytest.mark.parametrize(
    "table",
    [
        march(),
        march(store=pa.array(["north", "north"]).dictionary_encode()),
        march(store=pa.array(["north", "north"], pa.large_string())),
        march(day=["2026-03-01", "2026-03-03"]),
        march(day=pa.array([date(2026, 3, 1), date(2026, 3, 3)]).dictionary_encode()),
        march(day=pa.array([datetime(2026, 3, 1, 23), datetime(2026, 3, 3)], pa.timestamp("ns"))),  # noqa: DTZ001
        # Midnight in Berlin, which is the evening before in UTC, as the file keeps it.
        march(day=pa.array([datetime(2026, 2, 28, 23, tzinfo=UTC), datetime(2026, 3, 2, 23, tzinfo=UTC)],
                           pa.timestamp("us", "Europe/Berlin"))),
        march(day=pa.array([datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC)],
                           pa.timestamp("ms", "UTC"))),
        march(revenue=[Decimal("1250.00"), Decimal("99.00")]),
        march(revenue=[1250.0, 99.0]),
        march(revenue=["1250", "99"]),
        march(note=["rain", None], currency=["USD", "USD"]),
        march().select(["revenue", "date", "store_id"]),
    ],
)  # fmt: skip
def test_parquet_says_the_same_whatever_types_its_writer_chose(table: pa.Table) -> None:
    assert read(written(table)) == MARCH


@pytest.mark.parametrize(
    "options",
    [
        {"compression": "snappy"},
        {"compression": "zstd", "use_dictionary": False},
        {"compression": "gzip", "data_page_version": "2.0"},
        {"compression": "brotli", "version": "1.0"},
        {"compression": "lz4"},
        {"compression": "none", "use_dictionary": False, "column_encoding": {"store_id": "DELTA_BYTE_ARRAY"}},
        {"use_deprecated_int96_timestamps": True, "row_group_size": 1},
    ],
)
def test_parquet_is_read_in_every_packing(options: dict[str, Any]) -> None:
    assert (
        read(written(march(day=pa.array([*map(datetime.fromisoformat, ("2026-03-01", "2026-03-03"))])), **options))
        == MARCH
    )


def test_parquet_s_nulls_are_days_of_which_nothing_is_known() -> None:
    content = written(march(revenue=[1250, None]))
    assert read(content) == MARCH[:2]
    [correction] = contents.history(content, "USD", TODAY).corrections
    assert (correction.store, correction.day, correction.reason) == ("north", date(2026, 3, 3), "revenue_empty")


@pytest.mark.parametrize(
    ("table", "code"),
    [
        (march().drop_columns(["revenue"]), "columns_missing"),
        (march().slice(0, 0), "history_empty"),
        (march(store=["north", None]), "store_id_missing"),
        (march(day=[date(2026, 3, 1), None]), "date_unreadable"),
        (march(day=[20260301, 3]), "date_unreadable"),
        # Nine in the evening in UTC: in Tokyo that is the next day.
        (march(day=pa.array([datetime(2026, 3, 1, 21, tzinfo=UTC)] * 2, pa.timestamp("us", "UTC"))), "date_unreadable"),
        (march(day=[date(2026, 3, 1), date(2026, 7, 1)]), "date_in_future"),
        (march(day=[date(1926, 3, 1), date(2026, 3, 1)]), "date_too_early"),
        (march(revenue=[12.5, 1.0]), "revenue_fractional"),
        (march(revenue=[float("inf"), 1.0]), "revenue_unreadable"),
        (march(revenue=[1e18, 1.0]), "revenue_too_large"),
        (march(revenue=[True, False]), "revenue_unreadable"),
        (march(revenue=[[1], [2]]), "revenue_unreadable"),
        (march(revenue=[{"cents": 1}, {"cents": 2}]), "not_parquet"),
        (march(currency=["USD", "EUR"]), "currencies_mixed"),
        (march(currency=["EUR", "EUR"]), "currencies_mixed"),
    ],
)  # fmt: skip
def test_parquet_is_held_to_the_rules_of_csv(table: pa.Table, code: str) -> None:
    with pytest.raises(Rejected) as refusal:
        read(written(table))
    assert refusal.value.code == code


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: content[:-1],
        lambda content: content[: len(content) // 2],
        lambda content: content[:4],
        lambda content: content[:4] + bytes(len(content) - 8) + content[-4:],
        lambda content: content[:20] + b"\xff" * 20 + content[40:],
    ],
)
def test_damaged_parquet_is_refused(spoil: Callable[[bytes], bytes]) -> None:
    with pytest.raises(Rejected) as refusal:
        read(spoil(written(march())))
    assert refusal.value.code == "not_parquet"


def test_a_small_file_that_holds_more_than_can_be_read_is_refused_before_all_is_read() -> None:
    rows = pa.array([0] * 1_000_000, pa.int32())
    many = pa.table({"store_id": pa.DictionaryArray.from_arrays(rows, ["north"]), "date": rows, "revenue": rows})
    content = written(many, row_group_size=500_000, write_page_index=False)
    footer = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    spoilt_at_its_end = content[: footer - 40] + b"\xff" * 40 + content[footer:]
    large = march(store=["x" * (1 << 21)] * 64, day=[date(2026, 3, 1)] * 64, revenue=[1] * 64)
    for small in (spoilt_at_its_end, written(large, compression="zstd")):
        assert len(small) < 100_000
        with pytest.raises(Rejected) as refusal:
            read(small)
        assert refusal.value.code == "file_too_long"


@pytest.mark.parametrize(
    "content",
    [
        (HEAD + "north,2026-03-01,1250\nnorth,2026-03-03,99\n").encode(),
        (HEAD + "north,2026-03-01,1250\r\nnorth,2026-03-03,99").encode("utf-8-sig"),
        b"weather,revenue,date,store_id\nrain,1250,2026-03-01T23:59:59,north\n,99,2026-03-03,north\n",
        # The clocks went forward in between.
        (HEAD + "north,2026-03-01T12:00:00+01:00,1250\nnorth,2026-03-03T12:00:00+02:00,99\n").encode(),
        gzip.compress((HEAD + '" north ","20260301","1250.0"\nnorth,2026-03-03,99\n').encode(), mtime=0),
    ],
)  # fmt: skip
def test_csv_is_taken_as_programs_write_it(content: bytes) -> None:
    assert read(content) == MARCH


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not_csv"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not_csv"),
        ((HEAD + "nörth,2026-03-01,1250\n").encode("latin-1"), "not_csv"),
        ((HEAD + "north,2026-03-01,1250\nnorth,2026-03-03,99,1,2\n").encode(), "not_csv"),
        ((HEAD + "north,2026-03-01,1250,\nnorth,2026-03-03,99,\n").encode(), "not_csv"),
        (HEAD.encode(), "history_empty"),
        (HEAD.replace(",", "|").encode() + b"north|2026-03-01|1250\n", "columns_missing"),
        ((HEAD + ",2026-03-01,1250\n").encode(), "store_id_missing"),
        ((HEAD + "north,2026-03,1250\n").encode(), "date_unreadable"),
        ((HEAD + "north,01/03/2026,1250\n").encode(), "date_ambiguous"),
        ((HEAD + "north,2026-02-29,1250\n").encode(), "date_unreadable"),
        ((HEAD + 'north,2026-03-01,"1,250"\n').encode(), "number_ambiguous"),
        ((HEAD + "north,2026-03-01,nan\n").encode(), "revenue_unreadable"),
        (b"store_id,date,revenue,currency\nnorth,2026-03-01,5,EUR\n", "currencies_mixed"),
        (gzip.compress(HEAD.encode(), mtime=0)[:-4], "not_gzip"),
        (b"\x1f\x8b" + zlib.compress(HEAD.encode()), "not_gzip"),
        (gzip.compress(bytes(unpack.MOST_UNZIPPED + 1), mtime=0), "file_too_long"),
        ((HEAD + "north,2026-03-01,5\n" * (unpack.MOST_ROWS + 1)).encode(), "file_too_long"),
        (decades(20), "file_too_long"),
        (decades(9_000), "history_too_large"),
    ],
)  # fmt: skip
def test_what_is_no_history_is_refused_with_its_reason(content: bytes, code: str) -> None:
    with pytest.raises(Rejected) as refusal:
        read(content)
    assert refusal.value.code == code
