"""The sum of all closes equals the sum of all sales and movements: nothing twice, nothing missing, in any order.

The oracle is a ledger in this file, kept by the rules of docs/api/day-close.md as the requests are sent.
"""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from stack.gateway_event import Answer
from tests.support.environments import Another
from tests.support.orders import Caller, an_order, open_store

NOON = datetime(2025, 1, 15, 17, 0, tzinfo=UTC)
DAYS = 4
METHODS = ("cash", "card", "gift_card")
PRICE = 1325


@dataclass
class Sold:
    """The oracle's view of an order."""

    total: int
    paid: int = 0
    settled: bool = False
    cancelled: bool = False
    bill_open: bool = False
    payments: int = 0
    refunds: int = 0

    @property
    def is_sale(self) -> bool:
        return self.settled and not self.cancelled and not self.bill_open


@dataclass
class Ledger:
    """All orders by id, and the sum of all movements by (method, field)."""

    orders: dict[str, Sold] = field(default_factory=dict)
    moved: Counter[tuple[str, str]] = field(default_factory=Counter)
    voids: int = 0
    reports: list[dict[str, Any]] = field(default_factory=list)

    def pay(self, sold: Sold, method: str, amount: int, tip: int) -> None:
        sold.payments += 1
        sold.paid += amount
        sold.settled = sold.settled or (sold.paid >= sold.total and not sold.cancelled and not sold.bill_open)
        self.moved.update({(method, "payments"): 1, (method, "amount"): amount, (method, "tips"): tip})

    def refund(self, sold: Sold, method: str, amount: int) -> None:
        sold.refunds += 1
        sold.paid -= amount
        self.moved.update({(method, "refunds"): 1, (method, "refunded"): amount})


@dataclass
class Shop:
    """A store with random staff. Each step is a request, and the same in the ledger."""

    chance: random.Random
    callers: list[Caller]
    store: str
    day: int = 0
    ledger: Ledger = field(default_factory=Ledger)

    def call(self, method: str, target: str, body: Any = None, *, status: int = 201) -> Answer:
        answer = self.callers[self.day](method, target, body)
        assert answer.status == status, answer.text
        return answer

    def date(self, day: int) -> str:
        return (NOON + timedelta(days=day)).date().isoformat()

    def payment(self, sold: Sold, amount: int) -> dict[str, Any]:
        method, tip = self.chance.choice(METHODS), self.chance.choice((0, 0, 150))
        reference = f"p{sold.payments}"
        self.ledger.pay(sold, method, amount, tip)
        return {"reference": reference, "method": method, "amount": amount, "tip": tip, "rounding": 0}

    def sell(self) -> None:
        """An order, paid or not, of today or of a till that was offline."""
        quantity = self.chance.randint(1, 3)
        sold = Sold(total=quantity * PRICE)
        late = self.chance.random() < 0.3
        placed_at = NOON + timedelta(
            days=self.day - (1 if late and self.day else 0), seconds=-self.chance.randint(1, 9000)
        )
        lines = [{"item": "hawaiian", "size": "M", "quantity": quantity, "unit_price": PRICE}]
        body = an_order(self.store, lines=lines, total=sold.total, placed_at=placed_at.isoformat())
        if self.chance.random() < 0.7:
            body["payments"] = [self.payment(sold, sold.total)]
        self.ledger.orders[self.call("POST", "/v1/orders", body).json["id"]] = sold

    def open_bill(self) -> None:
        sold = Sold(total=3 * PRICE, bill_open=True)
        lines = [{"item": "hawaiian", "size": "M", "quantity": 3, "unit_price": PRICE}]
        body = an_order(self.store, open=True, lines=lines, total=sold.total)
        self.ledger.orders[self.call("POST", "/v1/orders", body).json["id"]] = sold

    def version(self, order: str) -> int:
        version: int = self.call("GET", f"/v1/orders/{order}", status=200).json["version"]
        return version

    def split_bill(self) -> None:
        """One piece moves to a new bill."""
        order, sold = self.any(lambda sold: sold.bill_open and not sold.cancelled and sold.total > PRICE)
        if order:
            body = {"version": self.version(order), "parts": [{"lines": [{"line": "1", "quantity": 1}]}]}
            (new_bill,) = self.call("POST", f"/v1/orders/{order}/split", body, status=200).json["orders"]
            sold.total -= PRICE
            self.ledger.orders[new_bill["id"]] = Sold(total=PRICE, bill_open=True)

    def void_piece(self) -> None:
        order, sold = self.any(lambda sold: sold.bill_open and not sold.cancelled and sold.total > PRICE)
        if order:
            void = {"line": "1", "quantity": 1, "reason": "wrong table"}
            self.call(
                "POST", f"/v1/orders/{order}/changes", {"version": self.version(order), "void": [void]}, status=200
            )
            sold.total -= PRICE
            self.ledger.voids += 1

    def close_bill(self) -> None:
        order, sold = self.any(lambda sold: sold.bill_open and not sold.cancelled)
        if order:
            self.call("POST", f"/v1/orders/{order}/close", {"version": self.version(order)}, status=200)
            sold.bill_open = False
            sold.settled = sold.settled or sold.paid >= sold.total

    def pay(self) -> None:
        order, sold = self.any(lambda _: True)
        if order:
            amount = self.chance.choice((500, sold.total, max(sold.total - sold.paid, 1)))
            self.call("POST", f"/v1/orders/{order}/payments", self.payment(sold, amount))

    def refund(self) -> None:
        order, sold = self.any(lambda sold: sold.paid > 0)
        if order:
            method, amount = self.chance.choice(METHODS), self.chance.choice((sold.paid, min(sold.paid, 300)))
            body = {"reference": f"r{sold.refunds}", "reason": "cold", "amount": amount, "method": method}
            # A named payment: by the stated method, whatever that payment was.
            self.call("POST", f"/v1/orders/{order}/refunds", body | {"payment": "p0"})
            self.ledger.refund(sold, method, amount)

    def cancel(self) -> None:
        order, sold = self.any(lambda sold: not sold.cancelled)
        if order:
            self.call("POST", f"/v1/orders/{order}/cancel", {"reason": "guest left"}, status=200)
            sold.cancelled = True

    def close_day(self) -> None:
        """Close today, if no close was before. Then go on until midnight."""
        if len(self.ledger.reports) <= self.day:
            path = f"/v1/days/{self.store}/{self.date(self.day)}"
            report = self.call("POST", f"{path}/close", {"open_bills": "keep"}).json
            self.ledger.reports.append(report)

    def any(self, fits: Any) -> tuple[str, Sold]:
        fitting = [(order, sold) for order, sold in self.ledger.orders.items() if fits(sold)]
        return self.chance.choice(fitting) if fitting else ("", Sold(0))

    def work(self, steps: int) -> None:
        moves = [self.sell] * 4 + [self.pay] * 3 + [self.refund] * 2 + [self.open_bill] * 2 + [self.close_bill] * 2
        moves += [self.cancel, self.split_bill, self.void_piece]
        for _ in range(steps):
            self.chance.choice(moves)()


def sums(reports: list[dict[str, Any]]) -> Counter[tuple[str, str]]:
    """The sum of the tenders of all reports, without zeros."""
    total: Counter[tuple[str, str]] = Counter()
    for tender in (tender for report in reports for tender in report["tenders"]):
        names = ("payments", "amount", "tips", "refunds", "refunded", "tips_refunded")
        total.update({(tender["method"], name): tender[name] for name in names})
    return total


@pytest.mark.parametrize("seed", range(4))
def test_all_closes_sum_to_all_sales_and_movements(another: Another, seed: int) -> None:
    callers = [another(NOON + timedelta(days=day)) for day in range(DAYS + 1)]
    shop = Shop(random.Random(seed), callers, open_store(callers[0]))
    for day in range(DAYS):
        shop.day = day
        shop.work(10)
        shop.close_day()
        # After the close the same day goes on.
        shop.work(6)
    shop.day = DAYS
    shop.close_day()
    ledger = shop.ledger
    sales = [sold for sold in ledger.orders.values() if sold.is_sale]
    assert sum(report["orders"] for report in ledger.reports) == len(sales)
    assert sum(report["total"] for report in ledger.reports) == sum(sold.total for sold in sales)
    assert sum(report["cancelled"] for report in ledger.reports) == sum(s.cancelled for s in ledger.orders.values())
    assert sum(report["voided_pieces"] for report in ledger.reports) == ledger.voids
    assert +sums(ledger.reports) == +ledger.moved
    assert sum(report["net_paid"] for report in ledger.reports) == sum(
        amount * {"amount": 1, "tips": 1, "refunded": -1}.get(name, 0) for (_, name), amount in ledger.moved.items()
    )
    for key in ("hours", "services"):
        assert sum(row["sales"] for report in ledger.reports for row in report[key]) == sum(s.total for s in sales)
    assert [report["number"] for report in ledger.reports] == list(range(1, DAYS + 2))
    for report in ledger.reports:
        assert shop.call("GET", f"/v1/days/{shop.store}/{report['day']}", status=200).json == report
