"""Literals are those of PyMySQL, and come back from a server as they went."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pymysql
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from pymysql.constants import SERVER_STATUS

from shared.spine.env import Environment
from shared.spine.statement_text import (
    EmptyList,
    insert_texts,
    literal_by,
    literal_without_backslashes,
    statement_text,
)


class Word(StrEnum):
    QUOTED = "it's"


SINGLE = (
    some.none()
    | some.booleans()
    | some.integers()
    | some.floats(allow_nan=False, allow_infinity=False)
    | some.text()
    | some.binary()
    | some.datetimes(timezones=some.just(UTC))
    | some.datetimes()
    | some.dates()
    | some.times()
    | some.timedeltas(timedelta(days=-30), timedelta(days=30))
    | some.decimals(allow_nan=False, allow_infinity=False)
    | some.just(Word.QUOTED)
)
VALUES = SINGLE | some.lists(SINGLE, min_size=1) | some.lists(SINGLE, min_size=1).map(tuple)


def a_session_without_backslashes() -> Any:
    """PyMySQL's connection to nowhere, with that state of a server."""
    connection: Any = pymysql.connections.Connection(defer_connect=True)
    connection.server_status = SERVER_STATUS.SERVER_STATUS_NO_BACKSLASH_ESCAPES
    return connection


@settings(max_examples=150, deadline=None)
@given(VALUES)
def test_a_literal_is_the_one_of_pymysql(value: Any) -> None:
    expected = a_session_without_backslashes().escape(value)
    assert literal_without_backslashes(value) == expected
    assert literal_by(a_session_without_backslashes().escape)(value) == expected


@pytest.mark.parametrize(
    "value",
    ["", "it's", "''", "\\", "\\'; DROP TABLE orders; --", '"', "\0\n\r\x1a%", "東 🍕", Word.QUOTED, b"\x00'\\\xff"],
)
def test_a_text_comes_back_as_it_went(env: Environment, value: Any) -> None:
    with env.db.transaction() as transaction:
        row = transaction.row(
            "SELECT %(value)s AS found, %(value)s IN %(all)s AS within", {"value": value, "all": [value]}
        )
    assert row == {"found": value, "within": 1}


def test_numbers_and_times_come_back_as_they_went(env: Environment) -> None:
    values: Any = (7, True, None, Decimal("1.50"), datetime(2026, 11, 30, 1, 2, 3, 4, UTC), date(1970, 1, 2), time(3))
    with env.db.transaction() as transaction:
        row = transaction.row(
            "SELECT %s AS a, %s AS b, %s AS c, %s AS d, CAST(%s AS DATETIME(6)) AS e, CAST(%s AS DATE) AS f,"
            " CAST(%s AS TIME) AS g",
            values,
        )
    assert row
    moment, day, hours = values[4:]
    assert [*row.values()] == [
        7,
        1,
        None,
        Decimal("1.50"),
        moment.replace(tzinfo=None),
        day,
        timedelta(hours=hours.hour),
    ]


def test_a_value_that_is_no_sql_is_refused() -> None:
    with pytest.raises(TypeError):
        literal_without_backslashes({"a": 1})
    for literal in (literal_without_backslashes, literal_by(a_session_without_backslashes().escape)):
        with pytest.raises(EmptyList, match="IN %s"):
            statement_text("SELECT 1 IN %s", ((),), literal)
        with pytest.raises(ValueError, match="not an INSERT"):
            [*insert_texts("UPDATE t SET a = %s", [(1,)], literal)]


def test_an_unknown_type_is_a_text_whose_quotes_are_doubled() -> None:
    class Strange:
        def __str__(self) -> str:
            return "'; DROP TABLE orders; --"

    assert literal_without_backslashes(Strange()) == "'''; DROP TABLE orders; --'"
