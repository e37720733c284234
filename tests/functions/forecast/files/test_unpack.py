"""Small files that stand for gigabytes are refused in little memory and time, and the largest honest ones are taken."""

import gzip
import io
import json
import signal
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from functions.forecast.files import contents, unpack
from shared.spine.errors import Rejected
from shared.spine.settings import program_environment

WORKER = Path(__file__).with_name("unpack_files.py")
MOST_MEGABYTES = 200.0  # above the idle process
MOST_SECONDS = 5.0  # of a processor
HEAD = b"store_id,date,revenue\n"
FIRST = date(2024, 1, 1)


def repeated(value: str, rows: int) -> pa.Array:
    """One dictionary value, and an index of it for each row, which a run of a few bytes stands for."""
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int32)), [value])


def packed(rows: int, options: dict[str, Any] | None = None, **columns: pa.Array) -> bytes:
    plain = {"store_id": repeated("a", rows), "date": repeated("2026-03-01", rows), "revenue": repeated("1", rows)}
    file = io.BytesIO()
    settings = {"compression": "zstd", "write_statistics": False, "store_schema": False} | (options or {})
    parquet.write_table(pa.table(plain | columns), file, **settings)
    return file.getvalue()


def large(megabytes: int) -> str:
    return "x" * (megabytes * 1_000_000)


def lying_footer() -> bytes:
    return packed(1)[:-8] + struct.pack("<I", 0x7FFFFFFF) + b"PAR1"


def gzipped_header(columns: int) -> bytes:
    names = ",".join(f"c{n}" for n in range(columns))
    return gzip.compress(HEAD[:-1] + b"," + names.encode() + b"\n" + (b"1," * (columns + 2) + b"1\n") * 1000)


BOMBS: dict[str, Callable[[], bytes]] = {
    "a dictionary of 5 MB, 64 rows": lambda: packed(64, store_id=repeated(large(5), 64)),
    "a dictionary of 5 MB, a million rows": lambda: packed(1_000_000, store_id=repeated(large(5), 1_000_000)),
    "three of them": lambda: packed(
        1000, **dict.fromkeys(("store_id", "date", "revenue"), repeated(large(5), 1000))
    ),
    "in a column that nobody asked for": lambda: packed(1000, note=repeated(large(5), 1000)),
    "a page of 200 MB by gzip": lambda: packed(
        1, {"use_dictionary": False, "compression": "gzip"}, store_id=pa.array([large(200)])
    ),
    "a page of 200 MB by brotli": lambda: packed(
        1, {"use_dictionary": False, "compression": "brotli"}, store_id=pa.array([large(200)])
    ),
    "prefixes of prefixes": lambda: packed(
        3_000,
        {"use_dictionary": False, "column_encoding": {"store_id": "DELTA_BYTE_ARRAY"}},
        store_id=pa.array(["x" * 100_000] * 3_000),
    ),
    "a list of fifty million": lambda: packed(
        1, store_id=pa.array([np.zeros(50_000_000, np.int8)], pa.list_(pa.int8()))
    ),
    "ten million rows of nothing": lambda: packed(10_000_000, store_id=pa.nulls(10_000_000, pa.string())),
    "ten thousand columns of Parquet": lambda: packed(100, **{f"c{n}": pa.array([1] * 100) for n in range(10_000)}),
    "a footer longer than the file": lying_footer,
    "a field of 60 MB": lambda: gzip.compress(HEAD + b"a,2026-03-01,1" + b"0" * 60_000_000),
    "a field of 60 MB in quotes": lambda: gzip.compress(HEAD + b'a,2026-03-01,"' + b"\n" * 60_000_000 + b'"\n'),
    "ten million fields in one record": lambda: gzip.compress(HEAD + b"a,2026-03-01,1" + b',"\n"' * 10_000_000),
    "ten thousand columns": lambda: gzipped_header(10_000),
    "thirty million columns": lambda: gzip.compress(b"," * 30_000_000),
    "sixty million lines without anything": lambda: gzip.compress(HEAD + b"\n" * 60_000_000),
    "dates that a search is slow on": lambda: gzip.compress(
        HEAD + b"".join(b"a,2026-03-01%b%d,1\n" % (b"T" * 80, row) for row in range(240_000))
    ),
    "values of 60,000 characters": lambda: gzip.compress(HEAD + (b"a,2026-03-01" + b"T" * 60_000 + b",1\n") * 1_000),
    "300 MB of zeros": lambda: gzip.compress(bytes(300_000_000)),
    "a million gzip files in one": lambda: gzip.compress(HEAD) + gzip.compress(b"") * 800_000,
    "few rows, many stores times days": lambda: HEAD + b"".join(
        f"s{n},{date(1990, 1, 1) + timedelta(days=4 * n)},5\n".encode() for n in range(3_000)
    ),
}  # fmt: skip
CODES = {"file_too_long", "history_too_large", "not_parquet", "date_unreadable"}


class Unpacker:
    """A process that unpacks files and says what that took."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "file"
        self._process = subprocess.Popen(
            [sys.executable, WORKER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=program_environment(),
        )

    def __call__(self, content: bytes) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._file.write_bytes(content)
        self._process.stdin.write(f"{self._file}\n")
        self._process.stdin.flush()
        ended: dict[str, Any] = json.loads(self._process.stdout.readline())
        return ended

    def close(self) -> None:
        self._process.communicate()


@pytest.fixture(scope="module")
def unpacker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Unpacker]:
    process = Unpacker(tmp_path_factory.mktemp("bombs"))
    yield process
    process.close()


@pytest.mark.skipif(sys.platform != "linux", reason="the memory of a process is not bounded elsewhere")
@pytest.mark.parametrize("name", BOMBS)
def test_a_file_that_stands_for_more_than_it_is_ends_early(unpacker: Unpacker, name: str) -> None:
    content = BOMBS[name]()
    assert len(content) < 16 * 1024 * 1024
    ended = unpacker(content)
    assert ended["code"] in CODES
    assert ended["megabytes"] < MOST_MEGABYTES, ended
    assert ended["seconds"] < MOST_SECONDS, ended


def test_a_reader_that_stands_still_ends() -> None:
    """As it does where its memory ends while it holds a lock of its own: a file of 20,000 columns did that."""
    bounds = (str(unpack.MOST_MEMORY), str(unpack.MOST_SECONDS), "1")
    command = [sys.executable, "-P", "-m", unpack.READER, *bounds, "store_id"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, env=program_environment()) as reader:
        try:
            ended = reader.wait(timeout=10)  # its stdin stays open
        finally:
            reader.kill()
    assert ended == -signal.SIGALRM


@pytest.fixture(scope="module")
def largest() -> pa.Table:
    """As many days as a file may hold, with notes that nobody asked for."""
    rows = range(unpack.MOST_ROWS)
    return pa.table(
        {
            "store_id": [f"store-{row // 730:03}" for row in rows],
            "date": [FIRST + timedelta(days=row % 730) for row in rows],
            "revenue": [100_000 + row * 7919 % 900_000 for row in rows],
            "note": [f"{row:032}" for row in rows],
        }
    )


def as_csv(table: pa.Table) -> bytes:
    text: str = table.to_pandas().to_csv(index=False)
    return text.encode()


def as_parquet(table: pa.Table, **options: Any) -> bytes:
    file = io.BytesIO()
    parquet.write_table(table, file, **options)
    return file.getvalue()


@pytest.mark.parametrize(
    "pack",
    [
        as_csv,
        lambda table: gzip.compress(as_csv(table)),
        as_parquet,
        lambda table: as_parquet(table, use_dictionary=False, data_page_size=1 << 30, compression="none"),
        lambda table: as_parquet(table, row_group_size=1000, compression="gzip"),
    ],
)  # fmt: skip
def test_a_file_of_as_many_days_as_may_be_is_taken(
    unpacker: Unpacker, largest: pa.Table, pack: Callable[[pa.Table], bytes]
) -> None:
    ended = unpacker(pack(largest))
    assert ended["code"] == "taken"
    assert ended["megabytes"] < MOST_MEGABYTES, ended
    assert ended["seconds"] < MOST_SECONDS, ended


def test_a_reader_that_takes_too_long_is_ended_and_the_refusal_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpack, "MOST_SECONDS", 1)
    notes = {f"note{n}": repeated("x" * 8_000, 240_000) for n in range(8)}
    with pytest.raises(Rejected, match="write it again with the needed columns only") as refusal:
        contents.history(packed(240_000, **notes), "USD", FIRST)
    assert refusal.value.code == "file_too_long"


def test_the_reader_has_no_credentials() -> None:
    assert {name for name in program_environment() if name.startswith(("AWS", "DATABASE", "KEYRING"))} == set()


@pytest.mark.parametrize(
    ("csv", "code"),
    [
        (b"a,2026-03-01,1,5\n", "not_csv"),
        (b'a,"2026-03-01,1\n', "not_csv"),
        (b'a,"2026-03-01"x,1\n', "not_csv"),
        (b"a,2026-03-01\n", "taken"),
        (b"\n \na,2026-03-01,1\n,,\n", "taken"),
        (b"a,2026-03-01,1\n,,5\n", "store_id_missing"),
        (b"s" * 101 + b",2026-03-01,1\n", "store_id_too_long"),
        (b"a,2026-03-01," + b"0" * 99 + b"12\n", "revenue_unreadable"),
        (b"a,2026-03-01," + b"0" * 98 + b"12\n", "taken"),
    ],
)
def test_csv_is_one_record_a_row_with_at_most_as_many_values_as_columns(csv: bytes, code: str) -> None:
    def read() -> str:
        contents.history(HEAD + csv, "USD", date(2026, 6, 1))
        return "taken"

    try:
        ended = read()
    except Rejected as refusal:
        ended = refusal.code
    assert ended == code


def test_two_columns_of_one_name_are_refused() -> None:
    with pytest.raises(Rejected, match="two columns 'date'"):
        contents.history(b"store_id,date,revenue,date\na,2026-03-01,1,2026-03-02\n", "USD", date(2026, 6, 1))


def test_gzip_may_come_in_members_with_zeros_behind() -> None:
    content = gzip.compress(HEAD) + gzip.compress(b"a,2026-03-01,1\n") + bytes(100_000)
    assert list(contents.days(contents.history(content, "USD", date(2026, 6, 1)))) == [("a", date(2026, 3, 1), 1)]
