"""Files of tills: good, awkward and broken ones. The expected values are written beside the files."""

import re
import time
from decimal import Decimal

import pytest

from functions.sync.records.csv_file import FileRefused
from functions.sync.records.till_file import read_till_file
from functions.sync.records.till_sale import head_of
from tests.support.till_files import AGAIN, BROKEN, CUT, FAULTY_ROWS, FORMULA, GOOD, TillFile, large, row, text

# The store of a row is looked up when the file is taken.
READABLE = [*GOOD, *(file for file in FAULTY_ROWS if "store" not in file.key), FORMULA, AGAIN, CUT, large(300)]


@pytest.mark.parametrize("file", READABLE, ids=lambda file: file.key)
def test_a_file_gives_its_sales_and_names_its_faulty_rows(file: TillFile) -> None:
    found = read_till_file(file.content)
    assert {sale.number: Decimal(sale.total) for _, sale in found.sales} == file.sales
    assert sum(len(sale.lines) for _, sale in found.sales) == file.lines
    assert {fault.row: fault.column for fault in found.faults} == file.refused


@pytest.mark.parametrize("file", BROKEN, ids=lambda file: file.key)
def test_a_file_without_a_readable_row_is_refused_with_the_reason(file: TillFile) -> None:
    with pytest.raises(FileRefused, match=file.refused_whole):
        read_till_file(file.content)


def test_rows_of_a_sale_that_contradict_each_other_refuse_the_sale() -> None:
    found = read_till_file(text(row("A", total="24.00"), row("A", total="25.00"), row("B")).encode())
    assert [sale.number for _, sale in found.sales] == ["B"]
    assert [(fault.row, fault.column) for fault in found.faults] == [(3, "total")]


def test_an_amount_that_is_not_quantity_times_price_is_refused() -> None:
    found = read_till_file(text(row("A"), row("B", quantity="2", amount="23.99", total="23.99")).encode())
    assert [sale.number for _, sale in found.sales] == ["A"]
    assert [(fault.row, fault.column) for fault in found.faults] == [(3, "amount")]


def test_an_amount_with_more_decimals_than_the_currency_is_refused() -> None:
    found = read_till_file(text(row("A", price="12.005", amount="12.005")).encode())
    assert [(fault.row, fault.column) for fault in found.faults] == [(2, "amount")]


def test_a_file_of_columns_alone_is_refused_at_once() -> None:
    began = time.process_time()
    for content in (b"," * 200_000, b"number," * 100_000):
        with pytest.raises(FileRefused, match="columns"):
            read_till_file(content)
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    "sold_at", ["0001-01-01T00:00:00+14:00", "1066-10-14T09:00:00Z", "9999-12-31T23:59:59-12:00", "\ud800", 7]
)
def test_a_sale_with_any_fault_still_has_a_key(sold_at: object) -> None:
    head = head_of({"number": "\udfff1\x00", "store": ["\ud800"], "sold_at": sold_at}, "demo:till")
    assert re.fullmatch("[0-7][0-9A-HJKMNP-TV-Z]{25}", head.key)
    assert (head.number, head.sold_at) == ("1", None)
    assert head.store.encode()
