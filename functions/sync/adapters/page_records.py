"""Rows of a page of an outside system → records. A row that cannot be read does not stop the others."""

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping
from decimal import InvalidOperation
from typing import Any, TypeVar

from functions.sync.adapters.contract import InDoubt, MalformedRecord

MALFORMED = (KeyError, ValueError, TypeError, AttributeError, InvalidOperation, InDoubt)
Record = TypeVar("Record")


def records_of(
    rows: Iterable[Mapping[str, Any]], make: Callable[[Any], Record], *names: str
) -> list[Record | MalformedRecord]:
    """The records of rows. `names` are the fields that name a row."""
    records: list[Record | MalformedRecord] = []
    for row in rows:
        try:
            records.append(make(row))
        except MALFORMED as failure:
            records.append(MalformedRecord(_key(row, names), _reason(failure)))
    return records


def _reason(failure: Exception) -> str:
    if isinstance(failure, InDoubt):
        return failure.detail
    if isinstance(failure, KeyError):
        return f"The field {failure.args[0]} is missing."
    return f"A field cannot be read: {failure}"


def _key(row: Mapping[str, Any], names: Collection[str]) -> str:
    """The name of a row. One without a name has the hash of its content."""
    values = [row.get(name) for name in names]
    if names and all(isinstance(value, str | int) and value != "" for value in values):
        return "/".join(map(str, values))
    return hashlib.sha256(json.dumps(row, default=str, sort_keys=True).encode()).hexdigest()
