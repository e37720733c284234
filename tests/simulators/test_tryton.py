"""A real Tryton, its company and its judge: an order becomes a sale, an invoice and stock moves. Amounts by hand."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from stack.mariadb import CannotStart
from tests.simulators import faults
from tests.simulators.erp_books import Total
from tests.simulators.faulty_proxy import FaultyProxy
from tests.simulators.tryton import Tryton, company_file
from tests.simulators.tryton_books import TrytonBooks
from tests.simulators.tryton_rpc import Client, Fault
from tests.support.paths import ROOT
from tests.support.processes import mentioning

DAY = date(2026, 11, 29)


@pytest.fixture(scope="module")
def tryton(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tryton]:
    with Tryton(tmp_path_factory.mktemp("erp")) as server:
        yield server


@pytest.fixture(scope="module")
def client(tryton: Tryton) -> Iterator[Client]:
    with tryton.client() as client:
        yield client


@pytest.fixture(scope="module")
def books(tryton: Tryton) -> TrytonBooks:
    return TrytonBooks(tryton.books)


def sell(client: Client, reference: str, *lines: tuple[str, float, str], store: str = "S1", tax: str = "V6") -> int:
    """A processed sale of products by code, quantity and price. Its id."""
    party = client.one("party.party", ("code", "=", "CASH"))
    address = client.read("party.party", [party], "addresses")[0]["addresses"][0]
    tax_id = client.one("account.tax", ("name", "=", tax))

    def line(code: str, quantity: float, price: str) -> dict[str, Any]:
        product = client.one("product.product", ("code", "=", code))
        unit = client.read("product.product", [product], "default_uom")[0]["default_uom"]
        taxes = [("add", [tax_id])]
        row = {"type": "line", "product": product, "quantity": quantity, "unit": unit, "taxes": taxes}
        return row | {"unit_price": Decimal(price)}

    row = {
        "company": client.context["company"], "currency": client.one("currency.currency", ("code", "=", "CNY")),
        "party": party, "invoice_address": address, "shipment_address": address, "reference": reference,
        "sale_date": DAY,
        "payment_term": client.one("account.invoice.payment_term"),
        "warehouse": client.one("stock.location", ("code", "=", store), ("type", "=", "warehouse")),
        "invoice_method": "order", "shipment_method": "order", "lines": [("create", [line(*entry) for entry in lines])],
    }  # fmt: skip
    ids = client.create("sale.sale", row)
    for step in ("quote", "confirm", "process"):
        client.call(f"sale.sale.{step}", ids)
    return ids[0]


def test_a_sale_with_vat_is_in_the_totals_in_the_ledger_and_off_the_stock(client: Client, books: TrytonBooks) -> None:
    # 1 × 20 + 2 × 21 + 3 × 22 = 128.00; 6 % of it is 7.68.
    sale = sell(client, "vat-1", ("D0000", 1, "20.00"), ("D0001", 2, "21.00"), ("D0002", 3, "22.00"))
    total = books.totals()["S1", DAY.isoformat(), "CASH"]
    assert total == Total(1, Decimal(6), Decimal("128.00"), Decimal("7.68"), Decimal("135.68"))
    [row] = client.read("sale.sale", [sale], "shipments", "invoices", "total_amount")
    assert row["total_amount"] == Decimal("135.68")

    client.call("account.invoice.write", row["invoices"], {"invoice_date": DAY})
    client.insist("account.invoice.post", row["invoices"])
    assert [invoice["gross"] for invoice in books.invoices()] == [Decimal("135.68")]
    balance = {account: amount for (day, account), amount in books.ledger().items() if day == DAY.isoformat()}
    assert sorted(balance.values()) == [Decimal("-128.00"), Decimal("-7.68"), Decimal("135.68")]

    before = books.stock("S1", "D0002")
    for step in ("assign_force", "pick", "pack", "do"):
        client.call(f"stock.shipment.out.{step}", row["shipments"])
    assert books.stock("S1", "D0002") == before - 3


def test_a_refund_is_a_sale_of_negative_quantity(client: Client, books: TrytonBooks) -> None:
    sell(client, "refund-1", ("D0000", -1, "20.00"), store="S2")
    assert books.totals()["S2", DAY.isoformat(), "CASH"][2:] == (Decimal("-20.00"), Decimal("-1.20"), Decimal("-21.20"))


def test_charges_and_discounts_are_lines_of_services(client: Client, books: TrytonBooks) -> None:
    sell(client, "mixed-1", ("D0000", 2, "20.00"), ("CHARGE", 1, "5.00"), ("DISCOUNT", 1, "-10.00"), store="S3")
    assert books.totals()["S3", DAY.isoformat(), "CASH"].net == Decimal("35.00")


def test_tryton_does_not_keep_references_unique(client: Client, books: TrytonBooks) -> None:
    for _ in range(2):
        sell(client, "twice-1", ("D0000", 1, "20.00"), store="S4")
    assert books.references()["twice-1"] == 2


def test_a_line_changed_behind_its_back_shows_over_rpc(client: Client, books: TrytonBooks) -> None:
    sale = sell(client, "hand-1", ("D0003", 2, "23.00"), store="S4")
    books.change_line("hand-1", 0, "23.01")
    assert client.read("sale.sale", [sale], "untaxed_amount")[0]["untaxed_amount"] == Decimal("46.02")
    assert next(row for row in books.sales() if row["reference"] == "hand-1")["gross"] == Decimal("48.78")


def test_transfer_wastage_and_receipt_move_the_stock(client: Client, books: TrytonBooks) -> None:
    product = client.one("product.product", ("code", "=", "D0010"))
    unit = client.read("product.product", [product], "default_uom")[0]["default_uom"]
    company = client.context["company"]
    place = {code: client.one("stock.location", ("code", "=", code)) for code in ("S1-STO", "S2-STO", "SUP")}

    def move(source: str, target: str, quantity: float, **more: Any) -> dict[str, Any]:
        row = {"product": product, "unit": unit, "quantity": quantity, "company": company}
        return row | {"from_location": place[source], "to_location": place[target]} | more

    transfer = client.create(
        "stock.shipment.internal",
        {"company": company, "from_location": place["S1-STO"], "to_location": place["S2-STO"],
         "moves": [("create", [move("S1-STO", "S2-STO", 30.0)])]},
    )  # fmt: skip
    for step in ("wait", "assign_try", "pack", "ship", "do"):
        client.call(f"stock.shipment.internal.{step}", transfer)
    assert (books.stock("S1", "D0010"), books.stock("S2", "D0010")) == (Decimal(99_970), Decimal(100_030))

    line = {"product": product, "quantity": 100_028.0}
    count = {
        "company": company,
        "location": place["S2-STO"],
        "lines": [("create", [line])],
    }
    client.call("stock.inventory.confirm", client.create("stock.inventory", count))
    assert books.stock("S2", "D0010") == 100_028

    currency = client.one("currency.currency", ("code", "=", "CNY"))
    receipt = client.create("stock.move", move("SUP", "S2-STO", 12.0, unit_price=Decimal("8.50"), currency=currency))
    with pytest.raises(Fault) as warned:
        client.call("stock.move.do", receipt)
    _, kind, (name, *_), *_ = warned.value.args
    assert (kind, bool(name)) == ("UserWarning", True)
    client.insist("stock.move.do", receipt)
    assert books.stock("S2", "D0010") == 100_040


def test_a_price_is_read_after_its_change(client: Client, books: TrytonBooks) -> None:
    assert books.price("D0005") == Decimal(25)
    template = client.one("product.template", ("code", "=", "D0005"))
    client.call("product.template.write", [template], {"list_price": Decimal("33.00")})
    assert books.price("D0005") == Decimal("33.00")


def test_a_wrong_password_opens_no_session(tryton: Tryton) -> None:
    with pytest.raises(Fault), Client(tryton.url, tryton.user, "guessed-password"):
        pass


def sync_through(proxy: FaultyProxy, tryton: Tryton) -> Client:
    return Client(tryton.url.replace(tryton.server, proxy.url), tryton.user, tryton.password)


def test_the_answer_of_a_real_server_may_be_lost_after_its_commit(tryton: Tryton, books: TrytonBooks) -> None:
    with FaultyProxy(tryton.server) as proxy, sync_through(proxy, tryton) as client:
        proxy.fail([faults.Fault("lost", "/rpc/")])
        with pytest.raises(httpx.RemoteProtocolError):
            client.create("party.party", {"name": "Lost", "code": "LOST-1"})
        proxy.fail(["session_lost"])
        with pytest.raises(Fault, match="401"):
            client.ids("party.party", ("code", "=", "LOST-1"))
        assert len(client.ids("party.party", ("code", "=", "LOST-1"))) == 1
    assert books.price("D0049") == Decimal(69)


# As a program


def test_the_program_keeps_its_books_and_leaves_nothing_behind(tryton: Tryton, tmp_path: Path) -> None:
    (tmp_path / "tryton").mkdir()
    shutil.copyfile(company_file(), tmp_path / "tryton/erp.sqlite")
    command = [sys.executable, "-m", "tests.simulators.tryton", "--root", str(tmp_path)]
    for start in (1, 2):
        with running(command) as url, Client(url, tryton.user, tryton.password) as client:
            client.create("party.party", {"name": "Kept", "code": f"KEPT-{start}"})
            assert len(client.ids("party.party", ("name", "=", "Kept"))) == start
        assert mentioning(str(tmp_path)) == []


@contextmanager
def running(command: list[str]) -> Iterator[str]:
    """The address that the program prints. It is told to end as a person's Ctrl-C or `kill` would."""
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as program:
        try:
            assert program.stdout
            yield program.stdout.readline().split()[1]
        finally:
            program.terminate()


def test_a_missing_tryton_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tests.simulators.tryton.PROGRAMS", tmp_path)
    with pytest.raises(CannotStart, match="make"):
        company_file()
