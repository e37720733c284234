"""What does not fit of an order: a mini-program's is refused, of a sale that has happened each point is named."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from functions.orders.models import AskedOrder, DiscountIn, GuestIn, LineIn, OrderIn, PaymentIn
from functions.orders.text import ID_PATTERN, PHONE_PATTERN, cleaned
from shared.contracts.messages.orders import Difference, Service
from shared.spine.errors import Fault, Rejected
from shared.spine.http import checked

# A kitchen must see a whole note, an allergy may stand at its end: far more than a mini-program may send.
MAX_TEXT = 1_000
MAX_PHONE = 40
MAX_REFERENCE = 128
MAX_ID = 64
CLOCKS_DIFFER_BY = timedelta(minutes=5)
CUT = "…"


@dataclass(frozen=True)
class Sale:
    """An order as far as it can be kept, when it was placed, and each point of it that did not fit."""

    order: OrderIn
    placed_at: datetime
    misfits: list[Difference]


def sale_of(order: OrderIn, now: datetime) -> Sale:
    """What can be kept of an order. Raises `Rejected` for what does not fit of one that has not happened."""
    if not order.has_happened:
        _require_fit(order, now)
        return Sale(order, order.placed_at or now, [])
    fitting = _Fitting(now)
    parts = {
        "table": fitting.text("table", order.table),
        "guest": fitting.guest(order.guest),
        "lines": [fitting.line(f"lines[{number}]", line) for number, line in enumerate(order.lines)],
        "discounts": fitting.discounts(order.discounts),
        "payments": fitting.payments(order.payments),
    }
    placed_at = fitting.moment("placed_at", order.placed_at) or now
    if order.service == Service.DELIVERY and not (order.guest and order.guest.address):
        fitting.name("guest.address", "address_missing")
    return Sale(order.model_copy(update=parts), placed_at, fitting.differences)


def _require_fit(order: OrderIn, now: datetime) -> None:
    checked(AskedOrder, order.model_dump(exclude_unset=True), "body")
    if order.placed_at and order.placed_at > now + CLOCKS_DIFFER_BY:
        fault = Fault("placed_at", "in_the_future", "the source's clock is ahead of ours")
        raise Rejected("not_orderable", "the order is from the future", faults=(fault,))


@dataclass
class _Fitting:
    """Makes parts fit, and names each that did not. What is named of a guest shows nothing of the person."""

    now: datetime
    differences: list[Difference] = field(default_factory=list)

    def name(self, path: str, code: str, stated: int | str | None = None, expected: int | str | None = None) -> None:
        self.differences.append(Difference(path=path, code=code, stated=stated, expected=expected))

    def text(self, path: str, text: str | None, most: int = MAX_TEXT) -> str | None:
        """The text, cleaned and cut where it must be; an empty one is none."""
        if not text:
            return None
        clean = cleaned(text)
        if clean != text:
            self.name(path, "control_characters")
        if len(clean) > most:
            self.name(path, "text_too_long", len(clean), most)
            clean = clean[: most - len(CUT)] + CUT
        return clean or None

    def moment(self, path: str, moment: datetime | None) -> datetime | None:
        """Now at the latest: nothing counts for a day to come because a clock is ahead."""
        if moment is None or moment <= self.now + CLOCKS_DIFFER_BY:
            return moment
        self.name(path, "clock_ahead", moment.isoformat(), self.now.isoformat())
        return self.now

    def guest(self, guest: GuestIn | None) -> GuestIn | None:
        if guest is None:
            return None
        parts = {
            "member": self._member(guest.member),
            "name": self.text("guest.name", guest.name),
            "phone": self._phone(guest.phone),
            "address": self.text("guest.address", guest.address),
        }
        return guest.model_copy(update=parts)

    def _member(self, member: str | None) -> str | None:
        if not member or re.fullmatch(ID_PATTERN, member):
            return member or None
        self.name("guest.member", "member_malformed")
        return None

    def _phone(self, phone: str | None) -> str | None:
        """As it was sent: platforms mask it, or put an extension behind it."""
        text = self.text("guest.phone", phone, MAX_PHONE)
        if text and not re.fullmatch(PHONE_PATTERN, text):
            self.name("guest.phone", "phone_format")
        return text

    def line(self, path: str, line: LineIn) -> LineIn:
        for place, option in enumerate(line.options):
            if option in line.options[:place]:
                self.name(f"{path}.options[{place}]", "option_repeated", option)
        texts = {"name": self.text(f"{path}.name", line.name), "note": self.text(f"{path}.note", line.note)}
        return line.model_copy(update=texts | self._ids(path, line))

    def _ids(self, path: str, line: LineIn) -> dict[str, Any]:
        """The codes of another system's menu, which may be any text; pricing names those that ours lacks."""
        return {
            "item": self.text(f"{path}.item", line.item, MAX_ID) or CUT,
            "size": self.text(f"{path}.size", line.size, MAX_ID),
            "category": self.text(f"{path}.category", line.category, MAX_ID),
            "options": [
                self.text(f"{path}.options[{place}]", option, MAX_ID) or CUT
                for place, option in enumerate(line.options)
            ],
        }

    def discounts(self, discounts: Sequence[DiscountIn]) -> list[DiscountIn]:
        fit: list[DiscountIn] = []
        for number, discount in enumerate(discounts):
            path = f"discounts[{number}].code"
            code = self.text(path, discount.code) or CUT
            if code in [before.code for before in fit]:
                self.name(path, "discount_repeated", code)
            fit.append(discount.model_copy(update={"code": code}))
        return fit

    def payments(self, payments: Sequence[PaymentIn]) -> list[PaymentIn]:
        """Each under a reference of its own, for each is money: the second `cash` becomes `cash~2`."""
        used = {payment.reference for payment in payments}
        fit: list[PaymentIn] = []
        for number, payment in enumerate(payments):
            path, reference = f"payments[{number}]", payment.reference
            if payment.amount == 0:
                self.name(f"{path}.amount", "payment_of_nothing", 0)
                continue
            if reference in [before.reference for before in fit]:
                reference = _unused(reference, used)
                used.add(reference)
                self.name(f"{path}.reference", "reference_repeated", payment.reference, reference)
            taken_at = self.moment(f"{path}.taken_at", payment.taken_at)
            fit.append(payment.model_copy(update={"reference": reference, "taken_at": taken_at}))
        return fit


def _unused(reference: str, used: set[str]) -> str:
    """The reference with the first number behind it that makes it a new one."""
    number = 2
    while (numbered := f"{reference[: MAX_REFERENCE - len(f'~{number}')]}~{number}") in used:
        number += 1
    return numbered
