"""The report of a day: large sums, and more codes than a report may list."""

from collections import Counter
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from functions.orders.accounts.day_csv import csv_of
from functions.orders.accounts.day_figures import Figures, Name, payment_figures
from functions.orders.accounts.day_report import MOST_ROWS, DrawerCount, report_of
from shared.contracts.messages.orders import Payment
from shared.contracts.money import MAX_AMOUNT
from shared.contracts.store_record import Store
from shared.contracts.store_settings import StoreSettings

SETTINGS = {"name": "Tehran", "chain": "demo", "region": "east", "timezone": "Asia/Tehran", "currency": "IRR"}
STORE = Store("s1", 1, StoreSettings.model_validate(SETTINGS), None, None, frozenset())
DAY = date(2026, 11, 30)


def test_a_day_in_rials_is_larger_than_any_order() -> None:
    at = datetime(2026, 11, 30, 12, tzinfo=UTC)
    payments = [Payment(reference=f"p{n}", method="cash", amount=MAX_AMOUNT, taken_at=at, day=DAY) for n in range(3)]
    figures = payment_figures(payments, ZoneInfo("Asia/Tehran"))
    report = report_of(figures, STORE, DAY, DrawerCount({"cash": 3 * MAX_AMOUNT - 5}))
    assert (report.net_paid, report.tenders[0].difference) == (3 * MAX_AMOUNT, -5)
    # Half past three in the afternoon: Tehran is three and a half hours ahead.
    assert [(hour.hour, hour.net_paid) for hour in report.hours] == [(15, 3 * MAX_AMOUNT)]
    # ISO 4217 gives the rial two decimals.
    assert "report,,net_paid,30000000000.00" in csv_of(report).splitlines()


def test_codes_above_the_limit_are_one_row_and_no_amount_is_lost() -> None:
    counts: Counter[Name] = Counter()
    for number in range(MOST_ROWS + 50):
        counts["discount", "code", f"c{number:04}", "count"] = 1
        counts["discount", "code", f"c{number:04}", "amount"] = number
    rows = report_of(Figures(counts), STORE, DAY, DrawerCount()).discounts
    assert len(rows) == MOST_ROWS
    assert sum(row.count for row in rows) == MOST_ROWS + 50
    assert sum(row.amount for row in rows) == sum(range(MOST_ROWS + 50))
    assert (rows[-1].code, rows[-1].count) == ("…", 51)
