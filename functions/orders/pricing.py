"""What an order should cost by the store's menu, and where the source says otherwise."""

from dataclasses import dataclass
from datetime import datetime

from functions.orders.menu import Item, Store
from functions.orders.models import LineIn, OrderIn
from shared.errors import Fault, Rejected
from shared.messages.orders import Difference, Line, Option
from shared.money import MAX_AMOUNT, share, tax_within


@dataclass(frozen=True)
class Priced:
    """An order's lines as they are kept, with the menu's names, and each amount that disagrees with the menu."""

    lines: list[Line]
    subtotal: int
    differences: list[Difference]


def price(order: OrderIn, store: Store, moment: datetime) -> Priced:
    """Price `order`, wanted for `moment`. Raises `Rejected` with a fault for each line that can't be ordered.

    The source's own amounts are kept, since they are what the guest paid or was shown; `differences` says where the
    menu has other ones: unit prices, discounts, charges, tax, and the total of the right ones.
    """
    faults = [*_store_faults(order, store, moment), *_line_faults(order, store), *_discount_faults(order, store)]
    if faults:
        raise Rejected("not_orderable", "the store can't take this order; each reason is named", faults=tuple(faults))
    lines = [_line(line, store.items[line.item]) for line in order.lines]
    stated = sum(line.amount for line in lines)
    expected = [_unit_price(line, store.items[line.item]) for line in order.lines]
    right = _expected_amounts(
        order, store, sum(p * line.quantity for p, line in zip(expected, order.lines, strict=True))
    )
    right |= {f"lines[{n}].unit_price": unit for n, unit in enumerate(expected)}
    if max(right.values()) > MAX_AMOUNT:
        fault = Fault("lines", "amount_too_large", "by the store's menu this is more than an order may cost")
        raise Rejected("not_orderable", "the order costs too much", faults=(fault,))
    said = _stated_amounts(order)
    differing = [Difference(path=p, stated=said[p], expected=right[p]) for p in said if said[p] != right[p]]
    return Priced(lines, stated, differing)


def _store_faults(order: OrderIn, store: Store, moment: datetime) -> list[Fault]:
    if store.menu is None:
        return [Fault("store", "no_menu", f"store {store.id} has no menu yet")]
    faults = []
    if order.currency != store.settings.currency:
        wanted = store.settings.currency
        faults.append(Fault("currency", "wrong_currency", f"the store sells in {wanted}", order.currency, wanted))
    if not store.open_at(moment):
        faults.append(Fault("store", "store_closed", f"store {store.id} is closed at that time"))
    return faults


def _line_faults(order: OrderIn, store: Store) -> list[Fault]:
    if store.menu is None:
        return []
    faults = []
    for number, line in enumerate(order.lines):
        at = f"lines[{number}]"
        item = store.items.get(line.item)
        if item is None:
            faults.append(Fault(f"{at}.item", "unknown_item", "not on the store's menu", line.item))
            continue
        if item.id in store.sold_out:
            faults.append(Fault(f"{at}.item", "sold_out", "sold out in this store for now", line.item))
        if (line.size is None) == bool(item.sizes) or line.size not in (None, *(size.id for size in item.sizes)):
            faults.append(Fault(f"{at}.size", "unknown_size", _sizes(item), line.size))
        known = {option.id for option in item.options}
        for place, option in enumerate(line.options):
            if option not in known:
                faults.append(Fault(f"{at}.options[{place}]", "unknown_option", "not an option of the item", option))
    return faults


def _sizes(item: Item) -> str:
    sizes = ", ".join(size.id for size in item.sizes)
    return f"the item has the sizes {sizes}" if sizes else "the item has no sizes"


def _discount_faults(order: OrderIn, store: Store) -> list[Fault]:
    known = {discount.code for discount in store.menu.discounts} if store.menu else set()
    faults = [
        Fault(f"discounts[{number}].code", "unknown_discount", "not a discount of this store", discount.code)
        for number, discount in enumerate(order.discounts)
        if discount.code not in known and store.menu
    ]
    subtotal = sum(line.unit_price * line.quantity for line in order.lines)
    if sum(discount.amount for discount in order.discounts) > subtotal:
        faults.append(Fault("discounts", "discount_too_large", "more is taken off than the lines amount to"))
    return faults


def _line(line: LineIn, item: Item) -> Line:
    prices = {option.id: option for option in item.options}
    return Line(
        item=item.id,
        name=item.name,
        category=item.category,
        size=line.size,
        options=[Option(id=o, name=prices[o].name, price=prices[o].price) for o in line.options],
        quantity=line.quantity,
        unit_price=line.unit_price,
        amount=line.unit_price * line.quantity,
        note=line.note,
        station=line.station or item.station,
    )


def _unit_price(line: LineIn, item: Item) -> int:
    base = next((size.price for size in item.sizes if size.id == line.size), item.price or 0)
    prices = {option.id: option.price for option in item.options}
    return base + sum(prices[option] for option in line.options)


def _stated_amounts(order: OrderIn) -> dict[str, int]:
    stated = {f"lines[{number}].unit_price": line.unit_price for number, line in enumerate(order.lines)}
    stated |= {f"discounts[{number}].amount": found.amount for number, found in enumerate(order.discounts)}
    charges = {"service_charge": order.service_charge, "delivery_charge": order.delivery_charge}
    return stated | charges | {"tax": order.tax, "total": order.total}


def _expected_amounts(order: OrderIn, store: Store, subtotal: int) -> dict[str, int]:
    """Discounts, charges, tax and total of an order whose lines come to `subtotal` by the menu."""
    assert store.menu is not None  # refused before
    menu, tax = store.menu, store.settings.tax
    known = {discount.code: discount for discount in menu.discounts}
    expected: dict[str, int] = {}
    for number, discount in enumerate(order.discounts):
        rule = known[discount.code]
        off = rule.amount if rule.amount is not None else share(subtotal, rule.rate or 0)
        expected[f"discounts[{number}].amount"] = min(off, subtotal)
    discounted = max(subtotal - sum(expected.values()), 0)
    service = order.service_charge
    if menu.service_charge is not None:
        applies = order.service in menu.service_charge.services
        service = share(discounted, menu.service_charge.rate) if applies else 0
    delivery = order.delivery_charge
    if menu.delivery_charge is not None:
        delivery = menu.delivery_charge if order.service == "delivery" else 0
    taxed = discounted + service + delivery
    due = tax_within(taxed, tax.rate) if tax.inclusive else share(taxed, tax.rate)
    total = taxed if tax.inclusive else taxed + due
    return expected | {"service_charge": service, "delivery_charge": delivery, "tax": due, "total": total}
