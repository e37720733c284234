"""The form of an order: an unfit order of a mini-program is refused; a sale is cleaned and each change is named."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from functions.orders.pricing.cleaner import CLOCK_BEHIND_BY, CLOCKS_DIFFER_BY, ELLIPSIS, Cleaner
from functions.orders.pricing.guest_delivery import MAX_PHONE, clean_delivery
from functions.orders.pricing.moved_money import clean_payment
from functions.orders.pricing.order_request import DiscountIn, GuestIn, OrderIn, SoldPaymentIn, StrictOrder
from functions.orders.pricing.sale_lines import DISCOUNT_TEXTS, MAX_ID, clean_line, clean_tax, clean_texts
from shared.contracts.messages.order_parts import DiscountKind
from shared.contracts.messages.orders import Difference, Service
from shared.contracts.moments import EARLIEST, LATEST
from shared.contracts.store_record import OFFLINE_AT_MOST
from shared.contracts.text import ID_PATTERN, PHONE_PATTERN
from shared.spine.errors import Fault, Rejected
from shared.spine.validation import checked

MAX_REFERENCE = 128


@dataclass(frozen=True)
class Times:
    """The times of an order. `stated` identifies it; None when it says nothing, as that of an empty clock.

    The order counts at `placed_at`. `ordered_at` is when the guest ordered, for the kitchen and for counted items.
    """

    stated: datetime | None
    placed_at: datetime
    ordered_at: datetime


@dataclass(frozen=True)
class Sale:
    """An order in the form in which it can be stored, its times, and each change of its form."""

    order: OrderIn
    times: Times
    differences: list[Difference]

    @property
    def placed_at(self) -> datetime:
        """The time at which the order counts."""
        return self.times.placed_at


def sale_of(order: OrderIn, now: datetime, *, may_import: bool = False) -> Sale:
    """The order in a form that can be stored. Raises `Rejected` for an unfit order of a mini-program.

    `may_import`: the source may place orders of long ago.
    """
    if not order.is_sale:
        _require_strict_form(order, now)
        placed_at = order.placed_at or now
        return Sale(order, Times(order.placed_at, placed_at, placed_at), [])
    cleaner = _Cleaner(now, any_age=may_import)
    times = cleaner.times(order.placed_at)
    fields: dict[str, object] = {
        "table": cleaner.text("table", order.table),
        "guest": cleaner.guest(order.guest),
        "covers": cleaner.positive("covers", order.covers),
        "waiter": cleaner.text("waiter", order.waiter),
        "note": cleaner.text("note", order.note),
        "lines": [clean_line(cleaner, f"lines[{number}]", line) for number, line in enumerate(order.lines)],
        "discounts": cleaner.discounts(order.discounts),
        "taxes": [clean_tax(cleaner, f"taxes[{number}]", tax) for number, tax in enumerate(order.taxes)],
        "payments": cleaner.payments(order.payments),
        "metadata": cleaner.metadata("metadata", order.metadata) if order.metadata else order.metadata,
        "placed_at": times.stated,
        "wanted_for": cleaner.wanted("wanted_for", order.wanted_for),
    }
    if order.service == Service.DELIVERY and not (order.guest and order.guest.address):
        cleaner.note("guest.address", "address_missing")
    changed = {name: value for name, value in fields.items() if value != getattr(order, name)}
    return Sale(order.model_copy(update=changed) if changed else order, times, cleaner.differences)


def _require_strict_form(order: OrderIn, now: datetime) -> None:
    checked(StrictOrder, order.model_dump(exclude_unset=True), "body")
    if order.placed_at and order.placed_at > now + CLOCKS_DIFFER_BY:
        fault = Fault("placed_at", "in_the_future", "the source's clock is ahead of ours")
        raise Rejected("not_orderable", "the order is from the future", faults=(fault,))


class _Cleaner(Cleaner):
    """Cleans the fields of a sale beyond its lines."""

    def times(self, stated: datetime | None) -> Times:
        """The times of a sale. One of more than a week ago counts at its receipt, unless the source may import."""
        if stated is None:
            return Times(None, self.now, self.now)
        placed_at = self.moment("placed_at", stated)
        assert placed_at is not None  # as the stated one
        if placed_at == self.now:
            tells = EARLIEST <= stated < LATEST and stated > self.now - CLOCK_BEHIND_BY
            return Times(stated if tells else None, self.now, self.now)
        if placed_at >= self.now - OFFLINE_AT_MOST or self.any_age:
            return Times(stated, placed_at, placed_at)
        self.note("placed_at", "clock_behind", stated.isoformat(), self.now.isoformat())
        return Times(stated, self.now, placed_at)

    def guest(self, guest: GuestIn | None) -> GuestIn | None:
        if guest is None:
            return None
        fields = {
            "member": self._member(guest.member),
            "name": self.text("guest.name", guest.name),
            "phone": self._phone(guest.phone),
            "address": self.text("guest.address", guest.address),
            "delivery": clean_delivery(self, guest.delivery),
        }
        changed = {name: value for name, value in fields.items() if value != getattr(guest, name)}
        return guest.model_copy(update=changed) if changed else guest

    def _member(self, member: str | None) -> str | None:
        if not member or re.fullmatch(ID_PATTERN, member):
            return member or None
        self.note("guest.member", "member_malformed")
        return None

    def _phone(self, phone: str | None) -> str | None:
        """The number as it was sent: a platform masks it, or adds an extension."""
        text = self.text("guest.phone", phone, MAX_PHONE)
        if text and not re.fullmatch(PHONE_PATTERN, text):
            self.note("guest.phone", "phone_format")
        return text

    def discounts(self, discounts: Sequence[DiscountIn]) -> list[DiscountIn]:
        clean: list[DiscountIn] = []
        for number, discount in enumerate(discounts):
            path = f"discounts[{number}]"
            changed = clean_texts(self, path, discount, DISCOUNT_TEXTS)
            code = changed["code"] = changed.get("code", discount.code) or ELLIPSIS
            if discount.kind == DiscountKind.CODE and code in [before.code for before in clean]:
                self.note(f"{path}.code", "discount_repeated", discount.code[:MAX_ID])
            clean.append(discount.model_copy(update=changed))
        return clean

    def payments(self, payments: Sequence[SoldPaymentIn]) -> list[SoldPaymentIn]:
        """Each payment under a reference of its own, because each is money: the second `cash` becomes `cash~2`."""
        used = {payment.reference for payment in payments}
        clean: list[SoldPaymentIn] = []
        for number, payment in enumerate(payments):
            path, reference = f"payments[{number}]", payment.reference
            if payment.amount == 0:
                self.note(f"{path}.amount", "payment_of_nothing", 0)
                continue
            if reference in [before.reference for before in clean]:
                reference = _unused(reference, used)
                used.add(reference)
                self.note(f"{path}.reference", "reference_repeated", payment.reference, reference)
            clean.append(clean_payment(self, path, payment, reference))
        return clean


def _unused(reference: str, used: set[str]) -> str:
    """The reference with the first number at its end that is not in use."""
    number = 2
    while (numbered := f"{reference[: MAX_REFERENCE - len(f'~{number}')]}~{number}") in used:
        number += 1
    return numbered
