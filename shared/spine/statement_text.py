"""The text of SQL statements with their values. Pure."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from pymysql.converters import encoders, escape_item

Values = Sequence[Any] | Mapping[str, Any]
Literal = Callable[[Any], str]

# Of at most four bytes each: a quarter of the packet that a server takes at least.
MOST_CHARACTERS = 1_000_000
_INSERT = re.compile(r"(.*?\bVALUES\s*)(\(.*?\))((?:\s*ON DUPLICATE\b.*)?\s*)", re.DOTALL)


class EmptyList(ValueError):
    """A list of a statement has nothing in it: `IN ()` is no SQL, so its caller must not ask."""


def statement_text(statement: str, values: Values, literal: Literal) -> str:
    """The statement with its values. Raises `EmptyList`."""
    return statement % _literals(values, literal, statement)


def insert_texts(statement: str, rows: Iterable[Values], literal: Literal) -> Iterator[str]:
    """One INSERT with all rows, as few statements as any server takes. Raises `ValueError` for another statement.

    Beside `%s` its VALUES may hold what is the same in every row. PyMySQL's `executemany` would then send a statement
    a row.
    """
    parts = _INSERT.fullmatch(statement)
    if parts is None:
        raise ValueError(f"not an INSERT of VALUES: {statement}")
    head, template, tail = parts.groups()
    for texts in _packets(template % _literals(row, literal, statement) for row in rows):
        yield head + ",".join(texts) + tail


def _packets(texts: Iterable[str]) -> Iterator[list[str]]:
    """The texts in lists, each short enough for one packet."""
    packet: list[str] = []
    size = 0
    for text in texts:
        if packet and size + len(text) > MOST_CHARACTERS:
            yield packet
            packet, size = [], 0
        packet.append(text)
        size += len(text) + 1
    if packet:
        yield packet


def _literals(values: Values, literal: Literal, statement: str) -> tuple[str, ...] | dict[str, str]:
    # An order has 70 values: a call for each of them less is 1 % of its processor time.
    writers: Mapping[type, Literal] = _WRITERS if literal is literal_without_backslashes else {}
    try:
        if isinstance(values, Mapping):
            return {name: writers.get(type(value), literal)(value) for name, value in values.items()}
        return tuple([writers.get(type(value), literal)(value) for value in values])
    except EmptyList:
        raise EmptyList(f"an empty list is no SQL: {statement}") from None


def literal_without_backslashes(value: Any) -> str:
    """The value as SQL for a session with NO_BACKSLASH_ESCAPES. PyMySQL takes four times as long for the same text."""
    write = _WRITERS.get(type(value))
    if write is not None:
        return write(value)
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, bytes | bytearray):
        return _hexadecimal(value)
    if isinstance(value, tuple | list | set | frozenset):
        return _list(value, literal_without_backslashes)
    if type(value) in encoders:
        return escape_item(value)
    return _quoted(str(value))


def literal_by(escape: Literal) -> Literal:
    """Literals of another session, by its connection's own `escape`."""

    def literal(value: Any) -> str:
        return _list(value, literal) if isinstance(value, tuple | list | set | frozenset) else escape(value)

    return literal


def _list(values: Collection[Any], literal: Literal) -> str:
    if not values:
        raise EmptyList
    return "(" + ",".join([literal(value) for value in values]) + ")"


def _quoted(text: str) -> str:
    """A quote is all that must be doubled."""
    return "'" + text.replace("'", "''") + "'"


def _hexadecimal(data: bytes | bytearray) -> str:
    return f"X'{data.hex()}'"


def _moment(moment: datetime) -> str:
    """In UTC, as the sessions are."""
    return f"'{moment.replace(tzinfo=None)}'"


_WRITERS: dict[type, Callable[[Any], str]] = {
    str: _quoted,
    int: str,
    bool: "{:d}".format,
    type(None): lambda _: "NULL",
    bytes: _hexadecimal,
    bytearray: _hexadecimal,
    datetime: _moment,
    date: "'{}'".format,
}
