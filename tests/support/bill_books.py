"""Independent books of open bills: what tills do to a table's bills, and what the amounts must then be.

Written from the rules in docs/api/open-bills.md, with fractions. It never reads an amount that the server computed,
except to compare it.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from random import Random
from typing import Any

from tests.support.bills import change, close, merge, open_bill, reopen, split
from tests.support.orders import Caller

# A tax of 8.875 % on top, rounded once a bill, halves up.
TAX = {"percent": "8.875", "inclusive": False}
RATE = Fraction(8_875, 100_000)
PRICES = {"hawaiian": 1325, "cola": 300}


@dataclass
class Bill:
    """One bill: quantities by line, the total that it must have, and the money that moved."""

    id: str
    version: int
    lines: dict[str, tuple[str, int]] = field(default_factory=dict)
    discount: int = 0
    total: int = 0
    tax: int = 0
    open: bool = True
    paid: int = 0
    refunded: int = 0

    @property
    def goods(self) -> int:
        return sum(PRICES[item] * quantity for item, quantity in self.lines.values())

    def price(self) -> None:
        """The total by the rules: lines, less the discount, plus the tax."""
        self.discount = min(self.discount, self.goods)
        net = self.goods - self.discount
        self.tax = int(net * RATE + Fraction(1, 2))
        self.total = net + self.tax


class Books:
    """The bills of one store, changed at random by two tills."""

    def __init__(self, tills: list[Caller], store: str, chance: Random) -> None:
        self.tills, self.store, self.chance = tills, store, chance
        self.bills: list[Bill] = []
        self.references = self.rounds = 0

    def step(self) -> None:
        """One random step at one of the tills; the server's answer must be that of the books."""
        steps = [self.open, self.round, self.round, self.void, self.discount, self.split, self.merge, self.close]
        self.chance.choice([*steps, self.reopen, self.pay, self.pay, self.refund, self.stale])()

    @property
    def till(self) -> Caller:
        return self.chance.choice(self.tills)

    def pick(self, *, is_open: bool) -> Bill | None:
        bills = [bill for bill in self.bills if bill.open == is_open and bill.lines]
        return self.chance.choice(bills) if bills else None

    def new_lines(self) -> list[dict[str, Any]]:
        count = self.chance.randint(1, 3)
        return [self.line(self.chance.choice(list(PRICES)), self.chance.randint(1, 4)) for _ in range(count)]

    def line(self, item: str, quantity: int) -> dict[str, Any]:
        size = {"size": "M"} if item == "hawaiian" else {}
        return {"item": item, "quantity": quantity, "unit_price": PRICES[item], **size}

    def check(self, bill: Bill, answer: dict[str, Any]) -> None:
        """Compare a reply with the books, and note its version."""
        assert (answer["total"], answer["tax"]) == (bill.total, bill.tax)
        assert (answer["paid"], answer["refunded"]) == (bill.paid, bill.refunded)
        lines = {line["id"]: (line["item"], line["quantity"]) for line in answer["lines"]}
        assert lines == bill.lines
        bill.version = answer["version"]

    def open(self) -> None:
        lines = self.new_lines()
        answer = open_bill(self.till, self.store, *lines)
        bill = Bill(answer["id"], 1, {str(n): (one["item"], one["quantity"]) for n, one in enumerate(lines, 1)})
        bill.price()
        self.bills.append(bill)
        self.check(bill, answer)

    def round(self) -> None:
        if bill := self.pick(is_open=True):
            lines = self.new_lines()
            # A split takes ids of lines to another bill: none may come there a second time.
            self.rounds += 1
            named = {f"r{self.rounds}-{number}": one for number, one in enumerate(lines)}
            answer = change(self.till, bill.id, add=[one | {"id": id_} for id_, one in named.items()])
            bill.lines |= {id_: (one["item"], one["quantity"]) for id_, one in named.items()}
            bill.price()
            self.check(bill, answer.json)

    def void(self) -> None:
        if bill := self.pick(is_open=True):
            id_, (item, quantity) = self.chance.choice(list(bill.lines.items()))
            voided = self.chance.randint(1, quantity)
            if voided == quantity and len(bill.lines) == 1:
                return  # such a bill is cancelled
            body = {"line": id_, "quantity": voided, "reason": "spilled"}
            answer = change(self.till, bill.id, version=bill.version, void=[body])
            bill.lines[id_] = (item, quantity - voided)
            if voided == quantity:
                del bill.lines[id_]
            bill.price()
            self.check(bill, answer.json)

    def discount(self) -> None:
        if bill := self.pick(is_open=True):
            bill.discount = self.chance.randint(0, 500)
            discounts = [{"code": "open", "kind": "open", "amount": bill.discount, "reason": "slow"}]
            answer = change(self.till, bill.id, version=bill.version, set={"discounts": discounts})
            bill.price()
            self.check(bill, answer.json)

    def split(self) -> None:
        bill = self.pick(is_open=True)
        if bill is None or len(bill.lines) < 2:
            return
        id_ = self.chance.choice(list(bill.lines))
        item, quantity = bill.lines[id_]
        moved = self.chance.randint(1, quantity)
        body = [{"lines": [{"line": id_, "quantity": moved}]}]
        answer = split(self.till, bill.id, bill.version, parts=body).json
        before = (bill.total, bill.tax, bill.discount)
        new = Bill(answer["orders"][0]["id"], 1, {id_: (item, moved)})
        bill.lines[id_] = (item, quantity - moved)
        if moved == quantity:
            del bill.lines[id_]
        self.bills.append(new)
        # How the cents fall is free; that they sum up, and that no bill is off by more than a cent, is not.
        for one, order in ((bill, answer["order"]), (new, answer["orders"][0])):
            one.discount = sum(discount["amount"] for discount in order["discounts"])
            one.price()
            assert abs(order["total"] - one.total) <= 1
            one.total, one.tax = order["total"], order["tax"]
            self.check(one, order)
        assert (bill.total + new.total, bill.tax + new.tax, bill.discount + new.discount) == before

    def merge(self) -> None:
        first, second = self.pick(is_open=True), self.pick(is_open=True)
        if not (first and second) or first is second or second.paid != second.refunded:
            return
        sent = {"id": first.id, "version": first.version}, {"id": second.id, "version": second.version}
        answer = merge(self.till, *sent).json
        names = {f"{first.version + 1}.{number}": line for number, line in enumerate(second.lines.values(), 1)}
        first.lines |= names
        first.total, first.tax = first.total + second.total, first.tax + second.tax
        first.discount += second.discount
        self.bills.remove(second)
        self.check(first, answer)

    def close(self) -> None:
        if bill := self.pick(is_open=True):
            self.close_one(bill)

    def close_one(self, bill: Bill) -> None:
        answer = close(self.till, bill.id, bill.version, total=bill.total).json
        assert answer["differences"] == []
        bill.open = False
        self.check(bill, answer)

    def reopen(self) -> None:
        if bill := self.pick(is_open=False):
            answer = reopen(self.till, bill.id, bill.version).json
            bill.open = True
            self.check(bill, answer)

    def pay(self) -> None:
        if self.bills:
            bill = self.chance.choice(self.bills)
            self.pay_one(bill, self.chance.choice([bill.total, self.chance.randint(1, 3_000)]))

    def pay_one(self, bill: Bill, amount: int) -> None:
        if amount:
            body = {"reference": self.reference(), "method": "card", "amount": amount}
            answer = self.till("POST", f"/v1/orders/{bill.id}/payments", body)
            assert answer.status == 201, answer.text
            bill.paid += amount
            self.check(bill, answer.json)
            covered = not bill.open and bill.paid - bill.refunded >= bill.total
            assert (answer.json["payment"] == "paid") == covered

    def refund(self) -> None:
        bills = [bill for bill in self.bills if bill.paid > bill.refunded]
        if bills:
            bill = self.chance.choice(bills)
            amount = self.chance.randint(1, bill.paid - bill.refunded)
            body = {"reference": self.reference(), "amount": amount, "reason": "cold"}
            answer = self.till("POST", f"/v1/orders/{bill.id}/refunds", body)
            assert answer.status == 201, answer.text
            bill.refunded += amount
            self.check(bill, answer.json)

    def stale(self) -> None:
        """A change by a till that saw an older version changes nothing."""
        if (bill := self.pick(is_open=True)) and bill.version > 1:
            answer = change(self.till, bill.id, version=bill.version - 1, set={"table": "99"})
            assert (answer.status, answer.json["version"]) == (409, bill.version)

    def reference(self) -> str:
        self.references += 1
        return f"m{self.references}"

    def settle_all(self) -> None:
        """Close every bill and pay what is still open."""
        for bill in self.bills:
            if bill.open:
                self.close_one(bill)
            self.pay_one(bill, max(bill.total - bill.paid + bill.refunded, 0))
