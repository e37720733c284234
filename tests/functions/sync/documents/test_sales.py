"""Documents add up: their gross is the money, their tax that of the order, however lines and tenders are split."""

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from functions.sync.documents.day_sales import day_documents
from functions.sync.documents.document import Document, Kind, LineType, Tender, document_of
from functions.sync.documents.sales import order_documents
from functions.sync.documents.tender_split import Amounts, by_tender
from shared.contracts.messages.orders import Order
from shared.contracts.store_settings import TaxRule

MOMENT = datetime(2026, 5, 1, 12, tzinfo=UTC)
DAY = date(2026, 5, 1)
RULES = {
    "vat": TaxRule(id="vat", name="VAT", percent="6", inclusive=True, classes=["standard"]),
    "luxury": TaxRule(id="luxury", name="Luxury", percent="10", inclusive=False, classes=["luxury"]),
}


def an_order(**different: Any) -> Order:
    """A settled order of two lines: 10.60 with 6 % VAT inside, 20.00 with 10 % on top."""
    fields: dict[str, Any] = {
        "id": "01J0000000000000000000000A", "store": "s1", "chain": "demo",
        "source": {"kind": "till", "id": "t1", "number": "7"}, "pickup_number": 1, "business_day": DAY,
        "service": "takeaway", "table": None, "guest": None,
        "lines": [line("tea", 1, 1060), line("wine", 2, 1000, tax_class="luxury")],
        "discounts": [], "subtotal": 3060, "service_charge": 0, "delivery_charge": 0, "tax": 260, "total": 3260,
        "taxes": [tax("vat", 60, inclusive=True), tax("luxury", 200, inclusive=False)],
        "currency": "CNY", "payment": "paid", "fulfilment": "placed", "paid": 3260, "refunded": 0,
        "payments": [payment("p1", "cash", 3260)], "refunds": [], "differences": [], "placed_at": MOMENT,
        "received_at": MOMENT, "wanted_for": None, "settled_at": MOMENT,
    }  # fmt: skip
    return Order.model_validate(fields | different)


def line(item: str, quantity: int, price: int, **different: Any) -> dict[str, Any]:
    return {
        "item": item, "name": item, "category": "c", "size": None, "options": [], "quantity": quantity,
        "unit_price": price, "amount": quantity * price, "note": None, "station": None,
    } | different  # fmt: skip


def tax(name: str, amount: int, *, inclusive: bool) -> dict[str, Any]:
    return {"id": name, "name": name, "percent": "6", "inclusive": inclusive, "base": 1000, "amount": amount}


def payment(reference: str, method: str, amount: int, tip: int = 0) -> dict[str, Any]:
    return {"reference": reference, "method": method, "amount": amount, "taken_at": MOMENT, "tip": tip}


def refund(reference: str, amount: int, **different: Any) -> dict[str, Any]:
    return {"reference": reference, "amount": amount, "reason": "r", "refunded_at": MOMENT} | different


def test_each_line_bears_the_tax_of_its_class() -> None:
    [sale] = order_documents(an_order(), RULES)
    assert [(entry.net, entry.tax, entry.tax_code) for entry in sale.lines] == [
        (1000, 60, "vat"),
        (2000, 200, "luxury"),
    ]
    assert (sale.net, sale.tax, sale.gross) == (3000, 260, 3260)


def test_a_discount_takes_off_its_share_of_the_tax() -> None:
    # 3.06 off: the lines are 9.54 and 18.00, with the taxes 0.54 and 1.80; at full price 0.60 and 2.00.
    order = an_order(
        discounts=[{"code": "TENTH", "amount": 306}],
        tax=234,
        total=2934,
        paid=2934,
        taxes=[tax("vat", 54, inclusive=True), tax("luxury", 180, inclusive=False)],
        payments=[payment("p1", "cash", 2934)],
    )
    [sale] = order_documents(order, RULES)
    assert [(entry.type, entry.net, entry.tax) for entry in sale.lines] == [
        (LineType.ITEM, 1000, 60),
        (LineType.ITEM, 2000, 200),
        (LineType.DISCOUNT, -300, -26),
    ]
    assert (sale.tax, sale.gross) == (234, 2934)


def test_money_above_the_total_a_rounding_and_a_tip_are_lines_of_their_own() -> None:
    order = an_order(rounding=-10, paid=3300, payments=[payment("p1", "cash", 3300, 40)])
    [sale] = order_documents(order, RULES)
    assert [(entry.type, entry.net) for entry in sale.lines[2:]] == [
        (LineType.ROUNDING, -10),
        (LineType.LIABILITY, 50),
        (LineType.TIP, 40),
    ]
    assert sale.gross == 3340


def test_an_order_that_is_no_sale_has_no_document() -> None:
    assert order_documents(an_order(settled_at=None), RULES) == []
    assert order_documents(an_order(fulfilment="cancelled"), RULES) == []
    assert order_documents(an_order(bill="open"), RULES) == []


def test_a_payload_gives_the_same_document_again() -> None:
    for document in order_documents(an_order(refunds=[refund("r", 500, method="card")]), RULES):
        assert document_of(document.payload()) == document


@given(st.lists(st.integers(1, 900), min_size=1, max_size=6))
def test_refunds_of_the_whole_total_have_the_whole_tax(parts: list[int]) -> None:
    total = sum(parts)
    order = an_order(total=total, tax=total // 7, taxes=[], refunds=[refund(f"r{n}", a) for n, a in enumerate(parts)])
    _, *notes = order_documents(order, RULES)
    assert sum(note.tax for note in notes) == total // 7
    assert [note.gross for note in notes] == parts
    for note, part in zip(notes, parts, strict=True):
        assert abs(note.tax - Fraction(total // 7 * part, total)) <= 1


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=6), st.integers(0, 5_000))
def test_a_split_by_tender_loses_no_minor_unit(amounts: list[int], tax_amount: int) -> None:
    gross = sum(amounts) + 1
    tenders = [Tender(f"t{number}", amount) for number, amount in enumerate([*amounts, 1])]
    whole = Amounts(1, Decimal(3), gross - min(tax_amount, gross), min(tax_amount, gross), gross)
    split = by_tender(whole, tenders)
    assert sum(part.gross for part in split.values()) == gross
    assert sum(part.tax for part in split.values()) == whole.tax
    assert sum(part.quantity for part in split.values()) == 3
    assert {code: part.gross for code, part in split.items()} == {tender.code: tender.amount for tender in tenders}


def test_a_day_has_a_document_for_each_tender() -> None:
    both = [payment("p1", "cash", 2000), payment("p2", "card", 1260)]
    orders = [
        an_order(),
        an_order(id="01J0000000000000000000000B", payments=both, refunds=[refund("r", 326, method="card")]),
    ]
    documents = day_documents("demo:s1", DAY, orders, RULES)
    assert [(document.kind, document.tender, document.gross) for document in documents] == [
        (Kind.CREDIT_NOTE, "card", 326),
        (Kind.SALE, "card", 1260),
        (Kind.SALE, "cash", 5260),
    ]
    assert _tax(documents, Kind.SALE) == 520
    # A tenth of the order was refunded, so a tenth of its tax.
    assert _tax(documents, Kind.CREDIT_NOTE) == 26
    assert sum(Decimal(entry.quantity) for entry in documents[2].lines if entry.type == LineType.ITEM) == 6


def _tax(documents: list[Document], kind: Kind) -> int:
    return sum(document.tax for document in documents if document.kind == kind)
