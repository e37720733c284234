"""The report of a closed day on paper."""

from datetime import UTC, date, datetime

from functions.printing.jobs.day_reports import print_day_report
from functions.printing.tables.jobs import Job
from shared.contracts.messages.days import DayReport, Drawer, HourTakings, LateDay, TaxTakings, TenderTakings
from tests.functions.printing.conftest import Relay, key_of

ROUTING = {
    "stations": [
        {"id": "hot", "name": "Hot", "printer": "kitchen"},
        {"id": "till", "name": "Till", "kind": "receipt", "printer": "till"},
        {"id": "bar", "name": "Bar", "kind": "receipt", "printer": "bar"},
    ]
}
KITCHEN_ALONE = {"stations": [{"id": "hot", "name": "Hot", "printer": "kitchen"}]}


def report(store: str, number: int = 7) -> DayReport:
    """A day of two orders: 50.00 by card, 30.00 and a tip of 2.00 in cash; the drawer is 0.50 short."""
    return DayReport(
        store=key_of(store).partition(":")[2],
        chain=key_of(store).partition(":")[0],
        day=date(2026, 11, 29),
        currency="USD",
        number=number,
        closed_at=datetime(2026, 11, 30, 3, tzinfo=UTC),
        person="Li",
        orders=2,
        subtotal=8000,
        total=8000,
        tips=200,
        taxes=[TaxTakings(id="vat", name="VAT", percent="6", inclusive=True, base=7547, amount=453)],
        tenders=[
            TenderTakings(method="card", payments=1, amount=5000),
            TenderTakings(method="cash", payments=1, amount=3000, tips=200, counted=3150, difference=-50),
        ],
        hours=[HourTakings(hour=9, orders=2, sales=8000)],
        late=[LateDay(day=date(2026, 11, 28), orders=1, sales=3000)],
        drawer=Drawer(opening_float=10_000, expected=13_200, counted=13_150, difference=-50),
    )


def jobs(relay: Relay, store: str) -> list[Job]:
    """The store's jobs."""
    with relay.env.db.transaction() as transaction:
        rows = transaction.rows("SELECT id FROM print_jobs WHERE store_id = %s ORDER BY seq", (key_of(store),))
    return [relay.job(store, row["id"]) for row in rows]


def test_a_closed_day_is_printed_once_at_the_first_receipt_station(relay: Relay) -> None:
    store = relay.store(ROUTING)
    for _ in range(3):
        print_day_report(relay.env, report(store), relay.now)
    print_day_report(relay.env, report(store, 8), relay.now)
    assert [(job.kind, job.printer) for job in jobs(relay, store)] == [("day_report", "till"), ("day_report", "till")]


def test_the_paper_names_each_sum(relay: Relay) -> None:
    store = relay.store(ROUTING)
    print_day_report(relay.env, report(store), relay.now)
    [job] = jobs(relay, store)
    sections = {
        section.title: [(entry.name, entry.value) for entry in section.entries] for section in job.ticket.sections
    }
    assert sections == {
        "Sales": [("Subtotal (2)", "80.00"), ("TOTAL USD", "80.00"), ("Tip", "2.00")],
        "Tax": [("VAT 6%", "4.53")],
        "Payments": [("card (1)", "50.00"), ("cash (1)", "32.00"), ("  Difference", "-0.50")],
        "Cash drawer": [
            ("Float", "100.00"), ("Expected", "132.00"), ("Counted", "131.50"), ("Difference", "-0.50"),
        ],
        "By hour": [("09:00", "80.00")],
        "Late, of earlier days": [("2026-11-28", "30.00")],
    }  # fmt: skip
    assert job.ticket.header[:2] == ["DAY REPORT 7", "2026-11-29"]


def test_a_store_without_a_receipt_station_prints_no_report(relay: Relay) -> None:
    store = relay.store(KITCHEN_ALONE)
    print_day_report(relay.env, report(store), relay.now)
    assert jobs(relay, store) == []
