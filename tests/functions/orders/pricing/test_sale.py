"""A sale of a till is kept as far as it fits; a mini-program is refused for each point that is named for a till."""

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from functions.orders.pricing.order_request import OrderIn
from functions.orders.pricing.price import price
from functions.orders.pricing.sale import sale_of
from shared.contracts.messages.orders import Difference, Service
from shared.contracts.store_record import Store
from shared.contracts.store_settings import OpeningHours
from shared.contracts.text import cleaned
from shared.spine.errors import Rejected
from tests.functions.orders.pricing.test_price import NOON, a_store, an_order

# Under every limit of a mini-program's texts but the phone's.
TEXTS = some.text(some.characters(codec="utf-8"), min_size=1, max_size=60)
GUESTS = some.fixed_dictionaries({}, optional=dict.fromkeys(("member", "name", "phone", "address"), TEXTS))
LINES = some.fixed_dictionaries(
    {
        "item": some.sampled_from(["pizza", "cola", "calzone"]),
        "quantity": some.integers(1, 999),
        "unit_price": some.integers(0, 5_000),
    },
    optional={
        "size": some.sampled_from(["S", "M", "XXL"]),
        "options": some.lists(some.sampled_from(["cheese", "thin", "gold"]), max_size=4),
        "note": TEXTS,
        "name": TEXTS,
    },
)
DISCOUNTS = some.fixed_dictionaries({"code": TEXTS | some.just("TENTH"), "amount": some.integers(0, 9_000)})
PAYMENTS = some.fixed_dictionaries(
    {
        "reference": some.sampled_from(["cash", "cash~2", "card"]),
        "method": some.just("m"),
        "amount": some.integers(1, 9),
    }
)
SALES = some.fixed_dictionaries(
    {"lines": some.lists(LINES, min_size=1, max_size=4), "service": some.sampled_from(Service)},
    optional={
        "guest": GUESTS,
        "table": TEXTS,
        "discounts": some.lists(DISCOUNTS, max_size=4),
        "payments": some.lists(PAYMENTS, max_size=5),
    },
)
# Right in every point, or in all but one: chance alone makes few of these.
RIGHT: dict[str, Any] = {
    "lines": [{"item": "pizza", "size": "M", "quantity": 1, "unit_price": 1325}],
    "service": "takeaway",
    "guest": {"member": "m-1", "name": "Ana", "phone": "555 0100", "address": "1 Main Street"},
}


def guest_with(name: str) -> some.SearchStrategy[dict[str, Any]]:
    return TEXTS.map(lambda text: {"guest": RIGHT["guest"] | {name: text}})


CHANGES = some.one_of(
    *map(guest_with, RIGHT["guest"]),
    some.just({"guest": RIGHT["guest"] | {"phone": "138****8000"}}),
    TEXTS.map(lambda text: {"table": text}),
    LINES.map(lambda line: {"lines": [line]}),
    some.lists(PAYMENTS, max_size=5).map(lambda payments: {"payments": payments}),
    some.lists(DISCOUNTS, max_size=2).map(lambda discounts: {"discounts": discounts}),
    some.just({"service": "delivery", "guest": None}),
    some.just({"discounts": [{"code": "TINY", "amount": 0}] * 2}),
    some.just({"lines": [{"item": "pizza", "size": "M", "options": ["thin"] * 2, "quantity": 1, "unit_price": 1325}]}),
)
NEARLY_RIGHT = some.tuples(CHANGES.map(lambda change: RIGHT | change), some.just(1325), some.just(value=False))
ANY = some.tuples(SALES, some.integers(0, 10_000), some.booleans())


def read(sale: dict[str, Any], kind: str, total: int = 0) -> OrderIn:
    lines = [line | {"options": line.get("options", [])} for line in sale["lines"]]
    parts = {name: part for name, part in sale.items() if name != "lines"}
    return an_order(lines, total, **{"guest": None} | parts | {"source": {"kind": kind, "id": "s", "number": "1"}})


def points(order: OrderIn, store: Store) -> list[Difference]:
    made = sale_of(order, NOON)
    return [*made.differences, *price(made.order, store, NOON).differences]


@given(ANY | NEARLY_RIGHT)
def test_a_till_is_never_refused_and_a_mini_program_just_for_what_is_named(
    case: tuple[dict[str, Any], int, bool],
) -> None:
    sale, total, closed = case
    store = a_store(sold_out=("cola",))
    store = replace(store, hours=OpeningHours(week=[[]] * 7)) if closed else store
    named = points(read(sale, "till", total), store)
    # A mini-program's amounts are refused by their differences, all else by an exception.
    try:
        refused = bool(points(read(sale, "mini_program", total), store))
    except Rejected:
        refused = True
    assert refused == bool(named)


@given(sale=SALES)
def test_what_is_kept_of_a_sale_fits_and_no_line_or_payment_is_lost(sale: dict[str, Any]) -> None:
    order = sale_of(read(sale, "platform"), NOON).order
    assert len(order.lines) == len(sale["lines"])
    payments = sale.get("payments", [])
    assert [payment.amount for payment in order.payments] == [payment["amount"] for payment in payments]
    assert len({payment.reference for payment in order.payments}) == len(payments)
    guest = order.guest.model_dump().values() if order.guest else ()
    for text in (order.table, *guest, *(line.note for line in order.lines)):
        assert text is None or (text and text == cleaned(text))
