"""The form of an order: an unfit order of a mini-program is refused; a sale is cleaned and each change is named."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from functions.orders.pricing.order_request import DiscountIn, GuestIn, LineIn, OrderIn, PaymentIn, StrictOrder
from shared.contracts.messages.orders import Difference, Service
from shared.contracts.text import ID_PATTERN, PHONE_PATTERN, cleaned
from shared.spine.errors import Fault, Rejected
from shared.spine.http import checked

# A note may name an allergy at its end, so the kitchen gets far more text than a mini-program may send.
MAX_TEXT = 1_000
MAX_PHONE = 40
MAX_REFERENCE = 128
MAX_ID = 64
CLOCKS_DIFFER_BY = timedelta(minutes=5)
ELLIPSIS = "…"


@dataclass(frozen=True)
class Sale:
    """An order in the form in which it can be stored, the time at which it was placed, and each change of its form."""

    order: OrderIn
    placed_at: datetime
    differences: list[Difference]


def sale_of(order: OrderIn, now: datetime) -> Sale:
    """The order in a form that can be stored. Raises `Rejected` for an unfit order of a mini-program."""
    if not order.is_sale:
        _require_strict_form(order, now)
        return Sale(order, order.placed_at or now, [])
    cleaner = _Cleaner(now)
    fields = {
        "table": cleaner.text("table", order.table),
        "guest": cleaner.guest(order.guest),
        "lines": [cleaner.line(f"lines[{number}]", line) for number, line in enumerate(order.lines)],
        "discounts": cleaner.discounts(order.discounts),
        "payments": cleaner.payments(order.payments),
    }
    placed_at = cleaner.moment("placed_at", order.placed_at) or now
    if order.service == Service.DELIVERY and not (order.guest and order.guest.address):
        cleaner.note("guest.address", "address_missing")
    return Sale(order.model_copy(update=fields), placed_at, cleaner.differences)


def _require_strict_form(order: OrderIn, now: datetime) -> None:
    checked(StrictOrder, order.model_dump(exclude_unset=True), "body")
    if order.placed_at and order.placed_at > now + CLOCKS_DIFFER_BY:
        fault = Fault("placed_at", "in_the_future", "the source's clock is ahead of ours")
        raise Rejected("not_orderable", "the order is from the future", faults=(fault,))


@dataclass
class _Cleaner:
    """Cleans the fields of a sale and notes each change. No difference holds personal data of the guest."""

    now: datetime
    differences: list[Difference] = field(default_factory=list)

    def note(self, path: str, code: str, stated: int | str | None = None, expected: int | str | None = None) -> None:
        self.differences.append(Difference(path=path, code=code, stated=stated, expected=expected))

    def text(self, path: str, text: str | None, most: int = MAX_TEXT) -> str | None:
        """The text without control characters, cut to `most` characters; None if it is empty."""
        if not text:
            return None
        clean = cleaned(text)
        if clean != text:
            self.note(path, "control_characters")
        if len(clean) > most:
            self.note(path, "text_too_long", len(clean), most)
            clean = clean[: most - len(ELLIPSIS)] + ELLIPSIS
        return clean or None

    def moment(self, path: str, moment: datetime | None) -> datetime | None:
        """The moment, or now when the source's clock is ahead: no sale counts for a day to come by that."""
        if moment is None or moment <= self.now + CLOCKS_DIFFER_BY:
            return moment
        self.note(path, "clock_ahead", moment.isoformat(), self.now.isoformat())
        return self.now

    def guest(self, guest: GuestIn | None) -> GuestIn | None:
        if guest is None:
            return None
        fields = {
            "member": self._member(guest.member),
            "name": self.text("guest.name", guest.name),
            "phone": self._phone(guest.phone),
            "address": self.text("guest.address", guest.address),
        }
        return guest.model_copy(update=fields)

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

    def line(self, path: str, line: LineIn) -> LineIn:
        for index, option in enumerate(line.options):
            if option in line.options[:index]:
                self.note(f"{path}.options[{index}]", "option_repeated", option)
        texts = {"name": self.text(f"{path}.name", line.name), "note": self.text(f"{path}.note", line.note)}
        return line.model_copy(update=texts | self._ids(path, line))

    def _ids(self, path: str, line: LineIn) -> dict[str, Any]:
        """The codes of another system's menu may be any text. `price` names the codes that the store's menu lacks."""
        return {
            "item": self.text(f"{path}.item", line.item, MAX_ID) or ELLIPSIS,
            "size": self.text(f"{path}.size", line.size, MAX_ID),
            "category": self.text(f"{path}.category", line.category, MAX_ID),
            "options": [
                self.text(f"{path}.options[{index}]", option, MAX_ID) or ELLIPSIS
                for index, option in enumerate(line.options)
            ],
        }

    def discounts(self, discounts: Sequence[DiscountIn]) -> list[DiscountIn]:
        clean: list[DiscountIn] = []
        for number, discount in enumerate(discounts):
            path = f"discounts[{number}].code"
            code = self.text(path, discount.code) or ELLIPSIS
            if code in [before.code for before in clean]:
                self.note(path, "discount_repeated", code)
            clean.append(discount.model_copy(update={"code": code}))
        return clean

    def payments(self, payments: Sequence[PaymentIn]) -> list[PaymentIn]:
        """Each payment under a reference of its own, because each is money: the second `cash` becomes `cash~2`."""
        used = {payment.reference for payment in payments}
        clean: list[PaymentIn] = []
        for number, payment in enumerate(payments):
            path, reference = f"payments[{number}]", payment.reference
            if payment.amount == 0:
                self.note(f"{path}.amount", "payment_of_nothing", 0)
                continue
            if reference in [before.reference for before in clean]:
                reference = _unused(reference, used)
                used.add(reference)
                self.note(f"{path}.reference", "reference_repeated", payment.reference, reference)
            taken_at = self.moment(f"{path}.taken_at", payment.taken_at)
            clean.append(payment.model_copy(update={"reference": reference, "taken_at": taken_at}))
        return clean


def _unused(reference: str, used: set[str]) -> str:
    """The reference with the first number at its end that is not in use."""
    number = 2
    while (numbered := f"{reference[: MAX_REFERENCE - len(f'~{number}')]}~{number}") in used:
        number += 1
    return numbered
