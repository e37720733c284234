"""A table that people wrote in any common way is read back equal; a table with two meanings is refused."""

import csv
import gzip
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.forecast.files import contents
from shared.spine.errors import Rejected

TODAY = date(2026, 6, 1)
Row = tuple[str, date, int]


@dataclass(frozen=True)
class Dialect:
    """How a program writes a table: encoding, delimiter, date, and decimal mark with the separator of thousands."""

    encoding: str
    delimiter: str
    date: str
    decimal: str
    thousands: str

    def number(self, value: int) -> str:
        whole = f"{value:,}".replace(",", self.thousands)
        return f"{whole}{self.decimal}00" if self.decimal else whole

    def write(self, rows: Sequence[Row]) -> bytes:
        text = io.StringIO()
        writer = csv.writer(text, delimiter=self.delimiter)
        writer.writerow(["store_id", "date", "revenue"])
        writer.writerows((store, day.strftime(self.date), self.number(revenue)) for store, day, revenue in rows)
        return text.getvalue().encode(self.encoding)

    def is_ambiguous(self, rows: Sequence[Row]) -> bool:
        """From the table and the dialect alone: whether another reader would read another table."""
        day_or_month = self.date in ("%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y")
        days = [day for _, day, _ in rows]
        two_dates = day_or_month and all(day.day <= 12 for day in days) and any(day.day != day.month for day in days)
        # Without decimals, a group of three digits after a point or a comma can be three decimals. Two groups cannot.
        groups = [(abs(revenue) >= 1_000, abs(revenue) >= 1_000_000) for *_, revenue in rows]
        whole = not self.decimal and self.thousands in (",", ".")
        two_numbers = whole and any(one for one, _ in groups) and not any(two for _, two in groups)
        return two_dates or two_numbers


DIALECTS = st.builds(
    Dialect,
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"]),
    delimiter=st.sampled_from([",", ";", "\t"]),
    date=st.sampled_from(["%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y/%m/%d", "%d-%m-%Y", "%Y年%m月%d日"]),
    decimal=st.sampled_from(["", ".", ","]),
    thousands=st.sampled_from(["", ",", ".", " ", "\u202f", "'"]),
).filter(lambda dialect: dialect.decimal != dialect.thousands or not dialect.decimal)
# GB 18030 has each character. Only common Chinese ones are surely GBK, so the stores here are named by common ones.
STORES = st.sampled_from(["north", "007", "北京王府井店", "上海南京路店"])
TABLES = st.lists(
    st.tuples(STORES, st.integers(0, 800), st.integers(0, 30_000_000)),
    min_size=1,
    max_size=12,
    unique_by=lambda r: r[:2],
).map(lambda rows: [(store, date(2024, 1, 1) + timedelta(days=day), revenue) for store, day, revenue in rows])


def read(content: bytes) -> list[Row]:
    return [row for row in contents.days(contents.history(content, "USD", TODAY)) if row[2]]


@given(TABLES, DIALECTS)
def test_a_table_is_read_back_equal_or_refused_if_it_has_two_meanings(table: list[Row], dialect: Dialect) -> None:
    content = dialect.write(table)
    if dialect.is_ambiguous(table):
        with pytest.raises(Rejected, match="can be"):
            read(content)
    else:
        assert read(content) == sorted(row for row in table if row[2])


def history(*rows: str, head: str = "store_id;date;revenue") -> bytes:
    return "\n".join([head, *rows]).encode()


def test_what_was_not_as_usual_is_said() -> None:
    content = history("n;31.01.2026;1.250,00").decode().encode("utf-16")
    assert contents.history(content, "USD", TODAY).notes == (
        "The file was read as UTF-16.",
        "Columns are separated by semicolons.",
        "Column date was read as day, month, year: '31.01.2026' is 2026-01-31.",
        "Column revenue was read with a decimal comma: '1.250,00' is 1250.00.",
        "Revenue was read in minor units: '1250.00' is 12.50 USD. If it is in major units, set `unit` to `major`.",
    )
    assert contents.history(b"store_id,date,revenue\nn,2026-01-31,1250\n", "USD", TODAY).notes == ()


@pytest.mark.parametrize(
    ("content", "code", "detail"),
    [
        (
            history("n;2026-01-31;19.034", "n;2026-02-01;980"),
            "number_ambiguous",
            "Column revenue, row 1: '19.034' can be 19034 or 19.034. Write numbers without separators of thousands.",
        ),
        (
            history("n;2026-01-31;1.234,5", "n;2026-02-01;1,234.5"),
            "number_formats_mixed",
            (
                "Column revenue, rows 2 and 1: '1,234.5' and '1.234,5' have different decimal marks."
                " Use a decimal point in every row."
            ),
        ),
        (
            history("n;03/02/2026;5"),
            "date_ambiguous",
            "Column date, row 1: '03/02/2026' can be 2026-02-03 or 2026-03-02. Write dates such as 2026-01-31.",
        ),
        (
            history("n;31/01/2026;5", "n;01/31/2026;5"),
            "dates_mixed",
            (
                "Column date: row 1 has '31/01/2026' and row 2 has '01/31/2026', in different orders."
                " Write dates such as 2026-01-31."
            ),
        ),
        (
            history("n;2026-01-31;5", "n;2026-01-31;7"),
            "day_twice",
            "Store n has two revenues on 2026-01-31. Send one row a day, or set day_twice to add.",
        ),
        (
            b"PK\x03\x04" + bytes(26) + b"xl/workbook.xml",
            "file_is_workbook",
            "The file is an Excel workbook. In Excel, save the sheet as CSV UTF-8 and send that file.",
        ),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            "file_is_workbook",
            "The file is an Excel workbook. In Excel, save the sheet as CSV UTF-8 and send that file.",
        ),
        (
            gzip.compress(b"PK\x03\x04" + bytes(26) + b"xl/workbook.xml", mtime=0),
            "file_is_workbook",
            "The file is an Excel workbook. In Excel, save the sheet as CSV UTF-8 and send that file.",
        ),
        (
            history("n;31.01.2026;5", head="Filiale;Datum;revenue").replace(b";", b"|"),
            "columns_missing",
            (
                "The file lacks store_id, date, revenue. Its columns are: Filiale|Datum|revenu."
                " Write these names in the first line, separated by commas, semicolons or tabs."
            ),
        ),
        (
            b"Filiale,Datum,revenue\nn,2026-01-31,5\n",
            "columns_missing",
            (
                "The file lacks store_id, date. Its columns are: Filiale, Datum, revenue."
                " Write these names in the first line, separated by commas, semicolons or tabs."
            ),
        ),
        (
            b"PK\x03\x04" + bytes(26) + b"history.csv",
            "file_is_archive",
            "The file is a ZIP archive. Unpack it and send the CSV or Parquet file.",
        ),
        (
            b"store_id,date,revenue\nn,2026-01-31,1,250\n",
            "not_csv",
            (
                "Row 1 has 4 values, and the first line names 3 columns."
                " Put a value with a comma in quotes, or separate by semicolons."
            ),
        ),
    ],
)
def test_a_file_in_doubt_is_refused_with_cause_and_cure(content: bytes, code: str, detail: str) -> None:
    with pytest.raises(Rejected) as refusal:
        contents.history(content, "USD", TODAY)
    assert (refusal.value.code, refusal.value.detail) == (code, detail)


@pytest.mark.parametrize(
    ("rows", "revenue"),
    [
        (["n;2026-01-31;1,250.00"], 1250),
        (["n;2026-01-31;1,250", "n;2026-02-01;980.00"], 1250),  # the second row has a decimal point
        (["n;2026-01-31;1.250", "n;2026-02-01;980,0"], 1250),
        (["n;2026-01-31;1.250.000"], 1_250_000),
        (["n;2026-01-31;12,34,567.00"], 1_234_567),  # lakhs
        (["n;2026-01-31;1 250,00"], 1250),
        (["n;2026-01-31;1'250.00"], 1250),
        (["n;2026-01-31; 1250 "], 1250),
    ],
)
def test_numbers_are_read_by_the_one_mark_that_all_rows_agree_with(rows: list[str], revenue: int) -> None:
    assert read(history(*rows))[0] == ("n", date(2026, 1, 31), revenue)


def test_rows_of_delimiters_at_the_end_of_a_sheet_are_no_rows() -> None:
    assert read(history("n;2026-01-31;5", ";;", " ; ;")) == [("n", date(2026, 1, 31), 5)]


def test_rows_of_a_day_are_added_up_if_asked_for_and_each_such_day_is_named() -> None:
    rows = ["n;2026-01-31;1200", "n;2026-01-31;1200", "n;2026-01-31;-300", "n;2026-02-01;7", "n;2026-02-02;"]
    added = contents.history(history(*rows), "USD", TODAY, add_rows=True)
    assert list(contents.days(added)) == [("n", date(2026, 1, 31), 2100), ("n", date(2026, 2, 1), 7)]
    summed = [(c.day, c.was, c.became) for c in added.corrections if c.reason == "rows_added"]
    assert summed == [(date(2026, 1, 31), "3 rows", "2100")]


@pytest.mark.parametrize(
    "note",
    ["café", "Übergröße Äpfel", "寿司".encode("shift-jis").decode("latin-1"), "서울".encode("cp949").decode("latin-1")],
)
def test_an_unknown_encoding_of_an_unused_column_does_no_harm(note: str) -> None:
    content = history(f"n;2026-01-31;5;{note}", head="store_id;date;revenue;note").decode().encode("latin-1")
    assert read(content) == [("n", date(2026, 1, 31), 5)]


@pytest.mark.parametrize("store", ["Köln", "Übergröße Äpfel", "寿司さくら".encode("shift-jis").decode("latin-1")])
def test_a_store_in_an_unknown_encoding_is_refused(store: str) -> None:
    with pytest.raises(Rejected, match="Save it as CSV UTF-8"):
        read(history(f"{store};2026-01-31;5").decode().encode("latin-1"))
