"""Helpers of the tests of POST /v1/orders."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from stack.gateway_event import Answer
from stack.mariadb import MariaDB
from tests.support.orders import an_order, paid

# A Wednesday, noon in New York.
NOON = datetime(2025, 1, 15, 17, 0, tzinfo=UTC)
MINI = {"kind": "mini_program", "id": "mini", "number": "m1"}
_guests = itertools.count(1)


def mini_program_order(store: str, **different: Any) -> dict[str, Any]:
    """An order of a mini-program, whose guest can still be told what is wrong."""
    return an_order(store, source=MINI | {"number": f"m-{next(_guests)}"}) | different


TEXTS = [
    "🍕👨‍👩‍👧‍👦🏳️‍🌈", "בלי בצל בבקשה", "\u202eno onions\u202c", "e\u0301 é", "不要香菜\n谢谢\t!", "\ufffd",
    "'; DROP TABLE orders; -- %s",
]  # fmt: skip


def rows_in(database: MariaDB, table: str) -> int:
    with database.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {table}")
        found: tuple[int] = cursor.fetchone()
        return found[0]


# More than the payments of one order can come to.
TOO_MUCH = [*paid(10**12, "a"), *paid(1, "b")]


@contextmanager
def locked(database: MariaDB, statement: str, values: tuple[Any, ...]) -> Iterator[None]:
    """What `statement` locks is locked, by somebody who does not commit."""
    with database.owner.connect(autocommit=False) as connection, connection.cursor() as cursor:
        cursor.execute(statement, values)
        try:
            yield
        finally:
            connection.rollback()


def pickup_numbers(answers: list[Answer]) -> list[int]:
    return sorted(answer.json["pickup_number"] for answer in answers if answer.status == 201)


def faults(answer: Answer) -> list[tuple[str, str]]:
    return [(fault["path"], fault["code"]) for fault in answer.json["errors"]]
