"""The demo's round trip with its ERP, through the deployed stack."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest

from demo import pizzaplace, run
from demo.erp import Erp, erp
from demo.sync import WINDOWS, compare_year, document_line, round_trip
from stack.stack import Stack
from tests.support.every_chain import head_office_of_all


@pytest.fixture
def system(tmp_path: Path) -> Iterator[Erp]:
    with erp(tmp_path, "simulated") as system:
        yield system


def test_sales_go_to_the_erp_and_both_sides_agree_to_the_cent(
    stack: Stack, system: Erp, capfd: pytest.CaptureFixture[str]
) -> None:
    place = stack.place
    run.open_stores(place)
    head_office = head_office_of_all(stack, pizzaplace.CHAIN)
    with head_office.http:
        round_trip(head_office, system, lambda: run._show_table(place))
        last = [sale for sale in pizzaplace.sales() if sale.at.date().isoformat() == "2015-12-31"][:6]
        for sale in last:
            order = pizzaplace.order_of(sale, pizzaplace.store_of(sale))
            assert run.insist(head_office, "/v1/orders", order, sale.number).status_code == HTTPStatus.CREATED
        compare_year(head_office, system)
    said = "".join(capfd.readouterr())
    # Table 7 splits its bill: 26.50 and 8.00, with a tip of 2.00 each.
    assert "sale of harbour, 28.50 USD, done" in said
    assert "sale of harbour, 10.00 USD, done" in said
    # The first look may come before the last document; the comparison below has all of them.
    assert re.search(r"confirmed ([1-9]) of \1 documents", said), said
    assert f"from {WINDOWS['simulated']} on: {len(last)} documents" in said
    assert "The difference is 0.00 USD." in said


def test_a_document_that_was_never_sent_has_a_line_too() -> None:
    document: dict[str, int | str | None] = {"target_number": None, "target_id": None, "gross": 2850, "detail": None}
    document |= {"kind": "sale", "store": "harbour", "state": "done"}
    assert document_line(document) == "not sent       sale of harbour, 28.50 USD, done"
