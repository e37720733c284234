"""The statements of a day close read only the rows of the days that can be uncounted."""

from datetime import date

import pytest

from functions.orders.tables import day_closes
from stack.mariadb import MariaDB

VALUES = {"store": "demo:s1", "since": date(2026, 10, 1), "day": date(2026, 11, 30), "number": None, "limit": 100}
BY_INDEX = {
    "SELECT_COUNTED_IDS": "by_pickup_number",
    "SELECT_OPEN_BILLS": "by_pickup_number",
    "SELECT_COUNTED_PAYMENTS": "by_day",
    "SELECT_COUNTED_REFUNDS": "by_day",
    "SELECT_CORRECTIONS": "by_close",
}


@pytest.mark.parametrize(("name", "index"), BY_INDEX.items())
def test_a_close_reads_by_an_index_of_the_day(database: MariaDB, name: str, index: str) -> None:
    with database.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute("EXPLAIN FORMAT = TRADITIONAL " + getattr(day_closes, name), VALUES)
        (plan,) = cursor.fetchall()
        columns = [column[0] for column in cursor.description]
    row = dict(zip(columns, plan, strict=True))
    assert row["key"] == index
    assert row["type"] in {"range", "ref", "ref_or_null"}
