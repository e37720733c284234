"""The history behind the pictures of the docs is that of the data set."""

import csv
import io

from demo.pictures import history


def test_the_history_has_the_revenue_of_the_data_set() -> None:
    rows = list(csv.DictReader(io.StringIO(history())))
    # The data set's documentation: 817,860.05 USD on 358 days of 2015.
    assert sum(int(row["revenue"]) for row in rows) == 81_786_005
    assert len({row["date"] for row in rows}) == 358
    assert {row["store_id"] for row in rows} == {"harbour", "market", "lakeside", "station"}
