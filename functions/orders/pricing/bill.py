"""The bill of an order: from lines with final unit prices to discounts, charges, taxes and the total. Pure functions.

The same rules count for a new order, a change of an open bill, a split and a refund by line.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from functions.orders.pricing.taxation import CHARGES, Portion, rules_of, taxes_of
from shared.contracts.menu import Menu
from shared.contracts.messages.order_parts import DiscountKind, LineKind, TaxAmount
from shared.contracts.messages.orders import Discount, Line, Service
from shared.contracts.money import share
from shared.contracts.store_record import Store
from shared.kit.apportion import apportioned


@dataclass(frozen=True)
class Bill:
    """The amounts of an order in minor units. `nets` has each line's amount after all discounts, in their order.

    `subtotal` is the sum of the lines less their own discounts. The total is the subtotal less `discounts`, plus the
    charges, plus the taxes that are added. `liabilities` is the part of the subtotal for gift cards and deposits.
    """

    subtotal: int
    discounts: list[Discount]
    service_charge: int
    delivery_charge: int
    taxes: list[TaxAmount]
    tax: int
    total: int
    liabilities: int
    nets: list[int] = field(repr=False)

    def fields(self) -> dict[str, Any]:
        """The fields of an `Order` with these names."""
        names = ("subtotal", "discounts", "service_charge", "delivery_charge", "taxes", "tax", "total", "liabilities")
        return {name: getattr(self, name) for name in names}


def total_bill(
    lines: Sequence[Line],
    store: Store,
    service: Service,
    *,
    discounts: Sequence[Discount] = (),
    service_charge: int = 0,
    delivery_charge: int = 0,
    as_stated: bool = False,
) -> Bill:
    """The bill of the lines at a store. `store` is the one at the time of the sale.

    Discounts and charges that the store's menu sets count by the menu, others as stated. With `as_stated` all of them
    count as stated: a split bill and a refund take the amounts of the bill as it is. In both cases the discounts come
    off one after the other, each at most by what remains of the goods.
    """
    menu = None if as_stated else store.menu
    nets = [line.net if line.discounts else line.amount for line in lines]
    subtotal = goods = sum(nets)
    of_goods = nets
    if any(line.kind != LineKind.GOODS for line in lines):
        of_goods = [net if line.kind == LineKind.GOODS else 0 for line, net in zip(lines, nets, strict=True)]
        goods = sum(of_goods)
    amounts = discount_amounts(discounts, menu, goods)
    off = sum(amounts)
    charges = charges_of(menu, service, goods - off, service_charge, delivery_charge)
    if off:
        lessened = apportioned(off, of_goods)
        nets = [net - less for net, less in zip(nets, lessened, strict=True)]
    taxes = _taxes(lines, nets, charges, store, service)
    return Bill(
        subtotal=subtotal,
        discounts=[*map(_with_amount, discounts, amounts)],
        service_charge=charges[0],
        delivery_charge=charges[1],
        taxes=taxes,
        tax=sum([tax.amount for tax in taxes]),
        total=subtotal - off + sum(charges) + sum([tax.amount for tax in taxes if not tax.inclusive]),
        liabilities=subtotal - goods,
        nets=nets,
    )


def _taxes(
    lines: Sequence[Line], nets: Sequence[int], charges: tuple[int, int], store: Store, service: Service
) -> list[TaxAmount]:
    rules, by_line = rules_of(store.settings, service), store.settings.tax_rounding == "line"
    if by_line or any(rule.classes or not rule.charges for rule in rules):
        return taxes_of(portions_of(lines, nets, charges), rules, by_line=by_line)
    # All taxes apply to all amounts, so the parts need not be known.
    goods = sum([net for line, net in zip(lines, nets, strict=True) if line.kind == LineKind.GOODS])
    return taxes_of([(0, CHARGES, goods + sum(charges))], rules, by_line=False)


def portions_of(lines: Sequence[Line], nets: Sequence[int], charges: tuple[int, int]) -> list[Portion]:
    """The taxed portions of lines that cost `nets`, and of the charges. A combo has one for each of its parts."""
    portions: list[Portion] = []
    for number, (line, net) in enumerate(zip(lines, nets, strict=True)):
        if line.kind != LineKind.GOODS:
            continue
        if line.parts:
            shares = apportioned(net, [part.amount for part in line.parts])
            portions.extend(
                [(number, part.tax_class, part_net) for part, part_net in zip(line.parts, shares, strict=True)]
            )
        else:
            portions.append((number, line.tax_class, net))
    return portions + [(-number, CHARGES, charge) for number, charge in enumerate(charges, 1) if charge]


def discount_amounts(discounts: Sequence[Discount], menu: Menu | None, goods: int) -> list[int]:
    """Each discount in turn, at most by what remains of the goods. A rate is one of all goods.

    A code that the menu lacks, and an open discount, count as stated. A comp takes off what remains.
    """
    if not discounts:
        return []
    rules = {rule.code: rule for rule in menu.discounts} if menu else {}
    amounts: list[int] = []
    remaining = goods
    for discount in discounts:
        rule = rules.get(discount.code) if discount.kind == DiscountKind.CODE else None
        if rule is not None:
            amount = rule.amount if rule.amount is not None else share(goods, rule.rate or 0)
        else:
            amount = remaining if discount.kind == DiscountKind.COMP and menu else discount.amount
        amounts.append(min(amount, remaining))
        remaining -= amounts[-1]
    return amounts


def charges_of(menu: Menu | None, service: Service, discounted: int, stated: int, delivery: int) -> tuple[int, int]:
    """(service, delivery). A charge that the menu does not set counts as stated."""
    if menu and menu.service_charge is not None:
        applies = service in menu.service_charge.services
        stated = share(discounted, menu.service_charge.rate) if applies else 0
    if menu and menu.delivery_charge is not None:
        delivery = menu.delivery_charge if service == Service.DELIVERY else 0
    return stated, delivery


def _with_amount(discount: Discount, amount: int) -> Discount:
    return discount if discount.amount == amount else discount.model_copy(update={"amount": amount})
