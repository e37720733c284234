"""What an order should cost by the store's menu, and where the source says otherwise."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from functions.orders.menu import Item, MenuOption, Store
from functions.orders.models import LineIn, OrderIn
from shared.contracts.messages.orders import Difference, Line, Option
from shared.contracts.money import MAX_AMOUNT, share
from shared.spine.errors import Fault, Rejected

# Of a line that the menu does not know, where the source names none either.
NO_CATEGORY = "other"
# A sale in the wrong currency has no amounts that a store could count.
ALWAYS_REFUSED = {"wrong_currency"}


@dataclass(frozen=True)
class Priced:
    """An order's lines as they are kept, with the menu's names, and each point that disagrees with the store."""

    lines: list[Line]
    subtotal: int
    differences: list[Difference]


def price(order: OrderIn, store: Store, moment: datetime) -> Priced:
    """Price `order`, wanted for `moment`. Raises `Rejected` with a fault for each reason to refuse it.

    The source's own amounts are kept, since they are what the guest paid or was shown. `differences` says where the
    menu has other ones: unit prices, discounts, charges, tax, and the total of the right ones. For a sale that has
    happened it also names each reason to refuse another: a closed store, a sold-out or unknown item, an unknown code.
    """
    faults = [*_store_faults(order, store, moment), *_line_faults(order, store), *_discount_faults(order, store)]
    refused = tuple(fault for fault in faults if fault.code in ALWAYS_REFUSED or not order.has_happened)
    if refused:
        raise Rejected("not_orderable", "the store can't take this order; each reason is named", faults=refused)
    lines = [_line(line, store.items.get(line.item)) for line in order.lines]
    expected = _expected_amounts(order, store)
    if max(expected.values()) > MAX_AMOUNT and not order.has_happened:
        fault = Fault("lines", "amount_too_large", "by the store's menu this is more than an order may cost")
        raise Rejected("not_orderable", "the order costs too much", faults=(fault,))
    stated = _stated_amounts(order)
    differences = [Difference(path=f.path, code=f.code, stated=f.stated, expected=f.expected) for f in faults]
    differences += [
        Difference(path=p, stated=stated[p], expected=expected[p]) for p in stated if stated[p] != expected[p]
    ]
    return Priced(lines, sum(line.amount for line in lines), differences)


def _store_faults(order: OrderIn, store: Store, moment: datetime) -> Iterator[Fault]:
    if order.currency != store.settings.currency:
        wanted = store.settings.currency
        yield Fault("currency", "wrong_currency", f"the store sells in {wanted}", order.currency, wanted)
    if store.menu is None:
        yield Fault("store", "no_menu", f"store {store.id} has no menu yet")
    if not store.open_at(moment):
        yield Fault("store", "store_closed", f"store {store.id} is closed at that time")


def _line_faults(order: OrderIn, store: Store) -> Iterator[Fault]:
    """Without a menu no line is known, which the store's fault says once for all of them."""
    for number, line in enumerate(order.lines if store.menu else []):
        item = store.items.get(line.item)
        if item is None:
            yield Fault(f"lines[{number}].item", "unknown_item", "not on the store's menu", line.item)
            continue
        if item.id in store.sold_out:
            yield Fault(f"lines[{number}].item", "sold_out", "sold out in this store for now", line.item)
        if not _has_size(item, line.size):
            yield Fault(f"lines[{number}].size", "unknown_size", _sizes(item), line.size)
        for place, option in enumerate(_options(line, item)):
            if option is None:
                path, stated = f"lines[{number}].options[{place}]", line.options[place]
                yield Fault(path, "unknown_option", "not an option of the item", stated)


def _has_size(item: Item, size: str | None) -> bool:
    return size in [item_size.id for item_size in item.sizes] if item.sizes else size is None


def _sizes(item: Item) -> str:
    sizes = ", ".join(size.id for size in item.sizes)
    return f"the item has the sizes {sizes}" if sizes else "the item has no sizes"


def _discount_faults(order: OrderIn, store: Store) -> Iterator[Fault]:
    if store.menu:
        codes = {discount.code for discount in store.menu.discounts}
        for number, discount in enumerate(order.discounts):
            if discount.code not in codes:
                path = f"discounts[{number}].code"
                yield Fault(path, "unknown_discount", "not a discount of this store", discount.code)
    subtotal = sum(line.unit_price * line.quantity for line in order.lines)
    off = sum(discount.amount for discount in order.discounts)
    if off > subtotal:
        detail = "more is taken off than the lines amount to"
        yield Fault("discounts", "discount_too_large", detail, off, subtotal)


def _line(line: LineIn, item: Item | None) -> Line:
    """As the kitchen reads it: by the menu's names, else by the source's, else by the id."""
    options = _options(line, item)
    return Line(
        item=line.item,
        name=item.name if item else line.name or line.item,
        category=item.category if item else line.category or NO_CATEGORY,
        size=line.size,
        # The price of an option that the menu does not know is in the unit price.
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


def _options(line: LineIn, item: Item | None) -> list[MenuOption | None]:
    """The menu's option behind each of the line's, None where it does not know it."""
    if not line.options:
        return []
    options = {option.id: option for option in item.options} if item else {}
    return [options.get(option) for option in line.options]


def _unit_price(line: LineIn, item: Item | None) -> int:
    """By the menu; of what the menu does not know wholly, as the source states it."""
    if item is None or not _has_size(item, line.size):
        return line.unit_price
    price = next((size.price for size in item.sizes if size.id == line.size), item.price or 0)
    for option in _options(line, item):
        if option is None:
            return line.unit_price
        price += option.price
    return price


def _stated_amounts(order: OrderIn) -> dict[str, int]:
    stated = {f"lines[{number}].unit_price": line.unit_price for number, line in enumerate(order.lines)}
    stated |= {f"discounts[{number}].amount": discount.amount for number, discount in enumerate(order.discounts)}
    charges = {"service_charge": order.service_charge, "delivery_charge": order.delivery_charge}
    return stated | charges | {"tax": order.tax, "total": order.total}


def _expected_amounts(order: OrderIn, store: Store) -> dict[str, int]:
    """By the store's menu, under the paths of `_stated_amounts`."""
    units = [_unit_price(line, store.items.get(line.item)) for line in order.lines]
    subtotal = sum(unit * line.quantity for unit, line in zip(units, order.lines, strict=True))
    offs = _expected_discounts(order, store, subtotal)
    discounted = subtotal - sum(offs)
    service, delivery = _expected_charges(order, store, discounted)
    taxed, tax = discounted + service + delivery, store.settings.tax
    due = tax.due(taxed)
    expected = {f"lines[{number}].unit_price": unit for number, unit in enumerate(units)}
    expected |= {f"discounts[{number}].amount": off for number, off in enumerate(offs)}
    total = taxed if tax.inclusive else taxed + due
    return expected | {"service_charge": service, "delivery_charge": delivery, "tax": due, "total": total}


def _expected_discounts(order: OrderIn, store: Store, subtotal: int) -> list[int]:
    """One after the other, each at most what those before it leave; a code that the menu does not know, as stated."""
    rules = {rule.code: rule for rule in store.menu.discounts} if store.menu else {}
    offs: list[int] = []
    left = subtotal
    for discount in order.discounts:
        rule = rules.get(discount.code)
        if rule is None:
            off = discount.amount
        else:
            off = rule.amount if rule.amount is not None else share(subtotal, rule.rate or 0)
        offs.append(min(off, left))
        left -= offs[-1]
    return offs


def _expected_charges(order: OrderIn, store: Store, discounted: int) -> tuple[int, int]:
    """(service, delivery); a charge that the menu does not set is as stated."""
    service, delivery = order.service_charge, order.delivery_charge
    if store.menu and store.menu.service_charge is not None:
        applies = order.service in store.menu.service_charge.services
        service = share(discounted, store.menu.service_charge.rate) if applies else 0
    if store.menu and store.menu.delivery_charge is not None:
        delivery = store.menu.delivery_charge if order.service == "delivery" else 0
    return service, delivery
