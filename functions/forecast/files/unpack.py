"""CSV, CSV by gzip and Parquet as columns of text, read in pieces up to the limits.

A few kilobytes can unpack to gigabytes. So gzip and CSV are read piece by piece. A reader of Parquet cannot be stopped
within a page. So it is a program of its own, and the operating system limits its memory and time.
"""

import csv
import io
import subprocess
import sys
import zlib
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import chain, islice
from typing import IO, TYPE_CHECKING

from functions.forecast.files import text_format
from shared.spine.errors import Rejected
from shared.spine.settings import program_environment

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

GZIP, PARQUET = b"\x1f\x8b", b"PAR1"
# So many rows are read, checked and stored within the time of an HTTP call.
MOST_ROWS = 250_000
MOST_UNZIPPED = 64 * 1024 * 1024
MOST_COLUMNS = 256
MOST_LINES = 1_000_000  # a value in quotes may have several
LONGEST_RECORD = 64 * 1024
LONGEST_VALUE = 100
MOST_MEMBERS = 10_000  # of a gzip file; bgzip makes one of each 64 KiB
PIECE = 64 * 1024
ROWS_AT_ONCE = 500
READER = "functions.forecast.files.parquet_to_csv"
MOST_MEMORY = 96 * 1024 * 1024  # of the reader, above what Python and its library take
MOST_SECONDS = 4  # of a processor
ENDS_AFTER_SECONDS = 10  # by the clock, for one that waits
DAMAGED, NO_MEMORY = 65, 66  # the reader's exit codes

Pieces = Generator[bytes, None, None]
Choose = Callable[[Sequence[str]], list[str]]
Columns = dict[str, list[str | None]]


@dataclass(frozen=True)
class Table:
    """Columns of text by name; `notes` tell how the file was read. Numbers and dates of Parquet are `typed`."""

    columns: Columns
    notes: tuple[str, ...] = ()
    typed: bool = False


def table(content: bytes, patterns: Sequence[str], choose: Choose) -> Table:
    """The columns that `choose` selects. Raises `Rejected`.

    `patterns` are names of columns (`weather*`). Other columns of Parquet are not passed to `choose`. A value of
    over 100 characters is cut, and ends in an ellipsis. No store, day or number is that long.
    """
    if not content:
        raise Rejected("not_csv", "the file is empty")
    if content.startswith(PARQUET):
        with closing(_parquet_as_csv(content, patterns)) as pieces:
            return Table(_read_csv(_buffered(pieces), text_format.UTF_8, choose)[0], typed=True)
    head = _head(content)
    text_format.refuse_workbook(head)
    for encoding in text_format.encodings(head[: text_format.HEAD]):
        with closing(_pieces_of(content)) as pieces, suppress(UnicodeDecodeError):
            columns, notes = _read_csv(_buffered(pieces), encoding, choose)
            if text_format.is_sure(encoding, chain(columns, *columns.values())):
                notes = [note for note in (text_format.encoding_note(encoding), *notes) if note]
                return Table(columns, tuple(notes))
    raise Rejected("not_csv", "The file is no CSV in UTF-8, UTF-16 or GBK. Save it as CSV UTF-8.")


def _pieces_of(content: bytes) -> Pieces:
    return _unzipped(content) if content.startswith(GZIP) else _as_it_is(content)


def _head(content: bytes) -> bytes:
    """The first piece of the unpacked content; all of a file that is not packed."""
    with closing(_pieces_of(content)) as pieces:
        return next(pieces, b"")


def _buffered(pieces: Pieces) -> io.BufferedReader:
    return io.BufferedReader(_Pieces(pieces), PIECE)


def too_long(detail: str) -> Rejected:
    """The refusal of a file over a limit."""
    return Rejected("file_too_long", f"{detail}; send at most {MOST_ROWS:,} days or numbers in one file")


# CSV


class _Lines:
    """Lines of a text with a limit for each record; the caller calls `begin_record` where a record begins."""

    def __init__(self, stream: IO[bytes], encoding: str) -> None:
        self._text = io.TextIOWrapper(stream, encoding=encoding, newline="")
        self._lines = self._characters = self._record = 0

    def begin_record(self) -> None:
        self._record = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._text.readline(LONGEST_RECORD + 1)
        if not line:
            raise StopIteration
        self._lines += 1
        self._record += len(line)
        self._characters += len(line)
        if self._record > LONGEST_RECORD:
            raise too_long(f"line {self._lines:,} has over {LONGEST_RECORD:,} characters")
        if self._lines > MOST_LINES or self._characters > MOST_UNZIPPED:
            raise too_long(f"the file holds more than {MOST_UNZIPPED:,} bytes, or {MOST_LINES:,} lines")
        return line


def _read_csv(stream: IO[bytes], encoding: str, choose: Choose) -> tuple[Columns, list[str]]:
    """The columns, and a note if the delimiter is no comma. Raises `UnicodeDecodeError` for another encoding."""
    lines = _Lines(stream, encoding)
    first = next((line for line in lines if line.strip()), "")
    delimiter = text_format.delimiter_of(first)
    text = lines if text_format.names_delimiter(first) else chain([first], lines)
    try:
        records = csv.reader(text, strict=True, delimiter=delimiter)
        names = [name.strip() for name in next((record for record in records if record), [])]
        indexes = _indexes(names, choose)
        columns: Columns = {name: [] for name in indexes}
        rows = _records(records, lines, len(names))
        while batch := list(islice(rows, ROWS_AT_ONCE)):
            values = list(zip(*batch, strict=True))
            for name, index in indexes.items():
                columns[name] += _cut(values[index])
    except csv.Error as failure:
        raise Rejected("not_csv", f"The file is no CSV: {failure}.") from None
    return columns, [text_format.delimiter_note(delimiter)]


def _records(records: Iterator[list[str]], lines: _Lines, width: int) -> Iterator[Sequence[str | None]]:
    """Records that are not blank; a missing value of the last columns is None."""
    rows = 0
    lines.begin_record()
    for record in records:
        lines.begin_record()
        if len(record) > width:
            detail = f"Row {rows + 1:,} has {len(record):,} values, and the first line names {width:,} columns"
            raise Rejected("not_csv", f"{detail}. Put a value with a comma in quotes, or separate by semicolons.")
        if not "".join(record).strip():  # Excel ends a sheet with rows of delimiters
            continue
        if rows == MOST_ROWS:
            raise too_long(f"the file has more than {MOST_ROWS:,} rows")
        rows += 1
        yield record if len(record) == width else [*record, *[None] * (width - len(record))]


def _cut(values: Sequence[str | None]) -> Sequence[str | None]:
    if max(len(value or "") for value in values) <= LONGEST_VALUE:
        return values
    return [f"{value[:LONGEST_VALUE]}…" if value and len(value) > LONGEST_VALUE else value for value in values]


def _indexes(names: list[str], choose: Choose) -> dict[str, int]:
    """The index of each chosen column."""
    if len(names) > MOST_COLUMNS:
        raise too_long(
            f"the file has {len(names):,} columns, over {MOST_COLUMNS}; remove columns that the import does not use"
        )
    chosen = choose(names)
    if twice := [name for name in chosen if names.count(name) > 1]:
        raise Rejected("not_csv", f"the file has two columns {twice[0]!r:.80}: leave one out")
    return {name: names.index(name) for name in chosen}


class _Pieces(io.RawIOBase):
    """A stream of the pieces of an iterator."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._unread = pieces, memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        self._unread = self._unread or memoryview(next(self._pieces, b""))
        room = memoryview(buffer).cast("B")
        size = min(len(room), len(self._unread))
        room[:size], self._unread = self._unread[:size], self._unread[size:]
        return size


# Gzip


def _as_it_is(content: bytes) -> Pieces:
    yield content


def _unzipped(content: bytes) -> Pieces:
    """The unpacked content in pieces. Raises `Rejected`."""
    try:
        yield from _members(io.BytesIO(content))
    except zlib.error as failure:
        raise Rejected("not_gzip", f"the file begins as gzip, but is not gzip: {failure}") from None


def _members(file: IO[bytes]) -> Iterator[bytes]:
    """The members, which together are one file; zeros may follow the last."""
    piece = file.read(PIECE)
    for _ in range(MOST_MEMBERS):
        unzip = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        while not unzip.eof:
            if not piece:
                raise zlib.error("the file is cut off")
            if unpacked := unzip.decompress(piece, PIECE):
                yield unpacked
            piece = unzip.unconsumed_tail or unzip.unused_data or file.read(PIECE)
        while not (piece := piece.lstrip(b"\0")):
            if not (piece := file.read(PIECE)):
                return
    raise too_long(f"the gzip file has over {MOST_MEMBERS:,} members")


# Parquet


def _parquet_as_csv(content: bytes, patterns: Sequence[str]) -> Pieces:
    """The output of the reader. Raises `Rejected` if the reader ended early."""
    bounds = map(str, (MOST_MEMORY, MOST_SECONDS, ENDS_AFTER_SECONDS))
    command = [sys.executable, "-P", "-m", READER, *bounds, *patterns]
    with subprocess.Popen(  # noqa: S603 - this Python, this folder, constants
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=program_environment()
    ) as reader:
        assert reader.stdin is not None
        assert reader.stdout is not None
        try:
            with suppress(BrokenPipeError), reader.stdin as file:
                file.write(content)
            while piece := reader.stdout.read(PIECE):
                yield piece
        except BaseException:
            reader.kill()
            raise
    _require_done(reader.returncode)


def _require_done(exit_code: int) -> None:
    if exit_code == DAMAGED:
        raise Rejected("not_parquet", "the file begins as Parquet, but is damaged, cut off or of an unknown kind")
    if exit_code < 0 or exit_code == NO_MEMORY:
        raise too_long("the file needs too much memory or time to unpack: write it again with the needed columns only")
    if exit_code:
        raise RuntimeError(f"the reader of Parquet ended with {exit_code}")
