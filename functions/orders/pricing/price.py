"""The price of an order by the store's menu, and each point where the source states another amount."""

from dataclasses import dataclass
from datetime import datetime

from functions.orders.pricing.amounts import expected_amounts, stated_amounts
from functions.orders.pricing.faults import faults_of
from functions.orders.pricing.menu_entries import menu_options
from functions.orders.pricing.order_request import LineIn, OrderIn
from shared.contracts.menu import Item
from shared.contracts.messages.order_parts import Option
from shared.contracts.messages.orders import Difference, Line
from shared.contracts.money import MAX_AMOUNT
from shared.contracts.store_record import Store
from shared.spine.errors import Fault, Rejected

# The category of a line when neither the menu nor the source states one.
NO_CATEGORY = "other"
# A sale in the wrong currency has no amounts that a store could count.
ALWAYS_REFUSED = {"wrong_currency"}


@dataclass(frozen=True)
class Priced:
    """An order's lines as they are stored, with the menu's names, and each point that disagrees with the store."""

    lines: list[Line]
    subtotal: int
    differences: list[Difference]


def price(order: OrderIn, store: Store, moment: datetime) -> Priced:
    """The price of an order for `moment`. Raises `Rejected` with a fault for each reason to refuse the order.

    The source's amounts are stored, because the guest paid or saw them. `differences` names each amount for which the
    menu has another one: unit prices, discounts, charges, tax, total. For a sale it also names each reason for which
    another order is refused: a closed store, a sold-out or unknown item, an unknown code.
    """
    faults = faults_of(order, store, moment)
    refused = tuple(fault for fault in faults if fault.code in ALWAYS_REFUSED or not order.is_sale)
    if refused:
        raise Rejected("not_orderable", "the store can't take this order; each reason is named", faults=refused)
    expected = expected_amounts(order, store)
    if max(expected.values()) > MAX_AMOUNT and not order.is_sale:
        fault = Fault("lines", "amount_too_large", "by the store's menu this is more than an order may cost")
        raise Rejected("not_orderable", "the order costs too much", faults=(fault,))
    lines = [_line(number, line, store.items.get(line.item)) for number, line in enumerate(order.lines, start=1)]
    differences = [*map(_difference_of, faults), *_amounts_that_differ(stated_amounts(order), expected)]
    return Priced(lines, sum(line.amount for line in lines), differences)


def _difference_of(fault: Fault) -> Difference:
    return Difference(path=fault.path, code=fault.code, stated=fault.stated, expected=fault.expected)


def _amounts_that_differ(stated: dict[str, int], expected: dict[str, int]) -> list[Difference]:
    return [
        Difference(path=path, stated=stated[path], expected=expected[path])
        for path in stated
        if stated[path] != expected[path]
    ]


def _line(number: int, line: LineIn, item: Item | None) -> Line:
    """The line as the kitchen reads it: names from the menu, else from the source, else the id."""
    options = menu_options(line, item)
    return Line(
        id=line.id or str(number),
        item=line.item,
        name=item.name if item else line.name or line.item,
        category=item.category if item else line.category or NO_CATEGORY,
        size=line.size,
        # The unit price contains the price of an option that the menu lacks.
        options=[
            Option(id=id_, name=option.name if option else id_, price=option.price if option else 0)
            for id_, option in zip(line.options, options, strict=True)
        ],
        quantity=line.quantity,
        unit_price=line.unit_price,
        amount=line.unit_price * line.quantity,
        note=line.note,
        station=line.station or (item.station if item else None),
    )
