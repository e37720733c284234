"""Both systems agree to the cent, or the differing documents are named: by keys, amounts and reasons."""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from functions.sync import reconcile
from functions.sync.documents.document import Kind
from functions.sync.engine.plan_settings import plan_settings
from functions.sync.reconciliation import run
from functions.sync.reconciliation.comparison import Comparison, Fault, NamedDifference, compare
from functions.sync.reconciliation.due_days import due_until
from functions.sync.reconciliation.report import csv_of, mail_of
from functions.sync.tables.stores import ChainStore
from ops.mail import MailSenders
from shared.contracts.ids import first_id
from shared.contracts.store_settings import StoreSettings
from shared.spine.env import Environment
from stack.emulator import Emulator
from stack.gateway_event import Context
from stack.mariadb import MariaDB
from tests.simulators.erp import Erp
from tests.support.mail import MailInbox
from tests.support.orders import Caller, an_order, paid
from tests.support.sync import Sync
from tests.support.sync_pulls import deliver

SENDER, READER = "sync@chain.example.com", "books@chain.example.com"


@pytest.fixture
def senders(database: MariaDB) -> Iterator[MailSenders]:
    """The addresses that chains may send mails from."""
    made = MailSenders(database.owner.url)
    yield made
    made.close()


@pytest.fixture
def two_days(senders: MailSenders, sync: Sync, call: Caller, store: str, moved_clock: Callable[[float], None]) -> Sync:
    """Five sales and a refund, pushed; the day is over, and reconciliation is on."""
    for number in range(5):
        order = call("POST", "/v1/orders", an_order(store, payments=paid(1325))).json["id"]
        if number == 0:
            refund = {"reference": "r1", "amount": 325, "reason": "cold"}
            assert call("POST", f"/v1/orders/{order}/refunds", refund).status == 201
    sync.push()
    senders.allow("demo", SENDER)
    sync.begin("reconcile", hour=0, mail_from=SENDER, mail_to=[READER])
    sync.call.at = int((sync.env.clock() + timedelta(days=2)).timestamp())
    moved_clock(2 * 86_400)
    return sync


def test_equal_books_agree_to_the_cent(two_days: Sync, inbox: Any) -> None:
    inbox.take()
    result = two_days.reconcile()
    assert (result["documents"], result["gross"]) == (6, 0)
    assert (result["differing_cells"], result["differing_documents"]) == (0, 0)
    assert inbox.take() == []


def test_a_line_that_is_changed_by_hand_is_named_to_the_cent(two_days: Sync, erp: Erp, inbox: Any) -> None:
    inbox.take()
    document = erp.books.rows("SELECT id, key FROM documents WHERE kind = 'sale' ORDER BY id")[2]
    erp.books.change_line(document["id"], 0, net="13.20", gross="13.20")
    result = two_days.reconcile()
    [difference] = result["differences"]["documents"]
    assert (difference["fault"], difference["key"]) == ("differs", document["key"].rpartition(".")[0])
    assert (difference["gross_here"], difference["gross_there"]) == (1325, 1320)
    assert result["gross"] == 5
    [cell] = result["differences"]["cells"]
    assert (cell["here"]["gross"], cell["there"]["gross"]) == (5 * 1325 - 325, 5 * 1325 - 325 - 5)
    [message] = inbox.take()
    assert (message["type"], message["data"]["gross"]) == ("sync.difference_found", 5)


@pytest.mark.parametrize("fault", ["missing_there", "unexpected_there", "duplicate_there", "other_day"])
def test_each_kind_of_difference_is_named(two_days: Sync, erp: Erp, fault: str) -> None:
    row = erp.books.rows("SELECT * FROM documents WHERE kind = 'sale' ORDER BY id")[0]
    if fault == "missing_there":
        erp.books.delete(row["id"])
    elif fault == "other_day":
        erp.books.change_day(row["id"], "2020-01-01")
    else:
        key = row["key"] if fault == "duplicate_there" else "by-hand"
        names = [name for name in row if name != "id"]
        erp.books.execute(
            f"INSERT INTO documents ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",
            *({**row, "key": key}[name] for name in names),
        )
    result = two_days.reconcile()
    expected = "missing_there" if fault == "other_day" else fault
    assert [difference["fault"] for difference in result["differences"]["documents"]] == [expected]
    assert result["gross"] == (1325 if expected == "missing_there" else -1325)


def test_a_document_that_waits_for_a_code_says_so(
    sync: Sync, call: Caller, store: str, moved_clock: Callable[[float], None]
) -> None:
    sync.put_codes("items", {"hawaiian/M": None})
    call("POST", "/v1/orders", an_order(store, payments=paid(1325)))
    sync.push()
    sync.begin("reconcile", hour=0)
    sync.call.at = int((sync.env.clock() + timedelta(days=2)).timestamp())
    moved_clock(2 * 86_400)
    [difference] = sync.reconcile()["differences"]["documents"]
    assert difference["detail"] == "parked: mapping no_code_items There is no code for items hawaiian/M."


def test_the_mail_has_the_difference_and_the_documents(two_days: Sync, erp: Erp, emulator: Emulator) -> None:
    mails = MailInbox(emulator)
    mails.verify(SENDER)
    erp.books.delete(erp.books.rows("SELECT id FROM documents WHERE kind = 'sale'")[0]["id"])
    before = len(mails.mails(READER))
    result = two_days.reconcile()
    [mail] = mails.mails(READER)[before:]
    assert "difference 13.25 USD, 1 documents" in mail.subject
    assert "missing_there" in mail.html
    assert result["mailed_at"] is not None


@pytest.mark.parametrize(
    ("allowed", "status"),
    [
        ([("demo", SENDER)], 200), ([("demo", "CHAIN.example.com")], 200), ([("rival", SENDER)], 403), ([], 403),
        ([("demo", "example.com")], 403), ([("demo", "other@chain.example.com")], 403),
    ],
)  # fmt: skip
def test_a_mail_leaves_from_an_address_of_the_chain_alone(
    sync: Sync, senders: MailSenders, allowed: list[tuple[str, str]], status: int
) -> None:
    for chain, sender in allowed:
        senders.allow(chain, sender)
    body = {"hour": 0, "mail_from": "Sync@Chain.example.com", "mail_to": [READER]}
    reply = sync.call("PUT", "/v1/sync/systems/erp/flows/reconcile?chain=demo", body)
    assert reply.status == status
    assert status == 200 or reply.json["type"].endswith("mail_sender_refused")


def test_no_mail_leaves_from_an_address_that_the_chain_may_use_no_more(
    two_days: Sync, senders: MailSenders, emulator: Emulator
) -> None:
    mails = MailInbox(emulator)
    mails.verify(SENDER)
    before = len(mails.mails(READER))
    assert senders.forbid("demo", SENDER)
    assert two_days.reconcile()["mailed_at"] is None
    assert len(mails.mails(READER)) == before


def test_it_runs_once_a_day(two_days: Sync, env: Environment, moved_clock: Callable[[float], None]) -> None:
    first = two_days.reconcile()
    assert two_days.reconcile()["id"] == first["id"]
    two_days.call.at = int((env.clock() + timedelta(days=1)).timestamp())
    moved_clock(86_400)
    assert two_days.reconcile()["id"] != first["id"]


def test_a_person_asks_for_past_days_and_the_nightly_run_goes_on_from_its_own_day(two_days: Sync, inbox: Any) -> None:
    nightly = two_days.reconcile()
    day = date.fromisoformat(nightly["day_from"]) + timedelta(days=1)
    path = "/v1/sync/systems/erp/reconciliations?chain=demo"
    body = {"day_from": day.isoformat(), "day_until": (day + timedelta(days=1)).isoformat()}
    inbox.take()
    assert two_days.call("POST", path, body).json == {"days": 1}
    assert deliver(inbox, times=1) == ["sync.run_unfinished"]
    found = two_days.call("GET", path).json["reconciliations"]
    assert (found[0]["day_from"], found[0]["day_until"], found[0]["gross"]) == (*body.values(), 0)
    # The days of the nightly run were compared: the window did not move its checkpoint back.
    assert two_days.reconcile()["id"] == found[0]["id"]
    assert two_days.call("POST", path, body | {"day_until": "2099-01-01"}).status == 422


def test_a_person_who_asks_for_the_newest_day_or_for_days_to_come_stops_no_nightly_run(
    two_days: Sync, inbox: Any
) -> None:
    path = "/v1/sync/systems/erp/reconciliations?chain=demo"
    for begins in ("2090-01-01", two_days.env.clock().date().isoformat()):
        until = (date.fromisoformat(begins) + timedelta(days=2)).isoformat()
        refused = two_days.call("POST", path, {"day_from": begins, "day_until": until})
        assert (refused.status, refused.json["code"]) == (422, "days_not_over")
    # The last day that is over, before the nightly run has compared it.
    last = two_days.env.clock().date() - timedelta(days=2)
    body = {"day_from": last.isoformat(), "day_until": (last + timedelta(days=1)).isoformat()}
    inbox.take()
    assert two_days.call("POST", path, body).status == 202
    assert deliver(inbox, times=1) == ["sync.run_unfinished"]
    asked = two_days.call("GET", path).json["reconciliations"][0]
    assert asked["day_until"] == body["day_until"]
    nightly = two_days.reconcile()
    assert nightly["id"] != asked["id"]
    assert nightly["day_until"] >= body["day_until"]


@pytest.fixture
def slow_days(monkeypatch: pytest.MonkeyPatch, moved_clock: Callable[[float], None]) -> None:
    """Each day takes longer than an invocation has time."""

    def slow(*arguments: Any) -> None:
        compare(*arguments)
        moved_clock(1000)

    monkeypatch.setattr(run, "compare", slow)


@pytest.mark.usefixtures("slow_days")
def test_days_that_a_person_asks_for_are_compared_over_several_invocations(two_days: Sync, inbox: Any) -> None:
    path = "/v1/sync/systems/erp/reconciliations?chain=demo"
    last = two_days.env.clock().date() - timedelta(days=1)
    body = {"day_from": (last - timedelta(days=4)).isoformat(), "day_until": last.isoformat()}
    inbox.take()
    assert two_days.call("POST", path, body).status == 202
    assert deliver(inbox, times=1) == ["sync.run_unfinished"] * 4
    two_days.call.at = int(two_days.env.clock().timestamp())
    found = two_days.call("GET", path).json["reconciliations"]
    days = [(last - timedelta(days=count)).isoformat() for count in range(5)]
    assert [(row["day_from"], row["day_until"]) for row in found] == list(zip(days[1:], days, strict=False))
    assert (sum(row["documents"] for row in found), sum(row["gross"] for row in found)) == (6, 0)


@pytest.mark.usefixtures("slow_days")
def test_a_nightly_comparison_goes_on_from_its_day(two_days: Sync, inbox: Any) -> None:
    inbox.take()
    reconcile.handler({}, Context())
    # The timer begins with the first of three days, and messages go on with the two others.
    assert deliver(inbox, times=1) == ["sync.run_unfinished"] * 2
    two_days.call.at = int(two_days.env.clock().timestamp())
    found = two_days.call("GET", "/v1/sync/systems/erp/reconciliations?chain=demo").json["reconciliations"]
    assert len(found) == 3
    assert [row["day_from"] for row in found][:2] == [row["day_until"] for row in found][1:]
    assert sum(row["documents"] for row in found) == 6
    # All days were compared: the timer has nothing to do before the next day.
    assert two_days.reconcile()["id"] == found[0]["id"]


def test_a_checkpoint_in_the_future_stops_no_nightly_run(two_days: Sync, database: MariaDB) -> None:
    with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        position = first_id(datetime(2090, 1, 1, tzinfo=UTC))
        cursor.execute("UPDATE sync_flows SET position = %s WHERE flow = 'reconcile'", [position])
    assert two_days.reconcile()["documents"] == 6


@pytest.mark.parametrize(
    ("per", "hours", "due"),
    [
        # Shanghai's day of 29 November ends on the 30th at 04:00, which is 20:00 of the 29th in UTC.
        ("order", 20, "2026-11-29"),
        ("order", 20.6, "2026-11-30"),
        # New York's day ends at 09:00 in UTC, and its documents per day are due three hours later.
        ("day", 20.6, "2026-11-29"),
        ("day", 23.6, "2026-11-30"),
    ],
)
def test_a_day_is_compared_when_its_documents_are_due(per: str, hours: float, due: str) -> None:
    settings = plan_settings({"per": per, "grace_hours": 3})
    midnight = datetime(2026, 11, 29, tzinfo=UTC)
    stores = {"demo:s": chain_store("Asia/Shanghai")}
    assert due_until(stores, settings, midnight + timedelta(hours=hours)) == date.fromisoformat(due)
    # The last store of the chain decides.
    stores["demo:n"] = chain_store("America/New_York")
    late = midnight + timedelta(hours=24 + (9.6 if per == "order" else 12.6))
    assert due_until(stores, settings, late - timedelta(hours=1)) == date(2026, 11, 29)
    assert due_until(stores, settings, late) == date(2026, 11, 30)


def chain_store(timezone: str) -> ChainStore:
    settings = {"name": "x", "chain": "demo", "region": "east", "currency": "USD", "day_ends_at": "04:00"}
    return ChainStore("demo:s", StoreSettings.model_validate(settings | {"timezone": timezone}))


def test_day_documents_agree_too(
    sync: Sync, call: Caller, store: str, erp: Erp, moved_clock: Callable[[float], None]
) -> None:
    sync.begin(per="day")
    both = [{"reference": "a", "method": "cash", "amount": 1000}, {"reference": "b", "method": "card", "amount": 325}]
    for payments in (paid(1325), both):
        call("POST", "/v1/orders", an_order(store, payments=payments))
    sync.push()
    assert erp.books.rows("SELECT id FROM documents") == []
    sync.begin("reconcile", hour=0)
    sync.call.at = int((sync.env.clock() + timedelta(days=2)).timestamp())
    moved_clock(2 * 86_400)
    sync.push()
    rows = erp.books.rows("SELECT tender, gross FROM documents ORDER BY tender")
    assert [(row["tender"], row["gross"]) for row in rows] == [("CARD", "3.25"), ("CASH", "23.25")]
    result = sync.reconcile()
    assert (result["documents"], result["differing_documents"], result["gross"]) == (2, 0, 0)


def test_the_mail_is_a_message_with_a_file() -> None:
    comparison = Comparison()
    message = mail_of(SENDER, [READER], "erp", (date(2026, 5, 1), date(2026, 5, 2)), comparison, "CNY")
    assert "agrees" in str(message.get_body(("plain",)))
    assert list(message.iter_attachments()) == []
    assert next(csv.reader(io.StringIO(csv_of([], "CNY"))))[0] == "fault"


def test_a_text_that_a_spreadsheet_would_run_is_quoted_and_an_amount_is_not() -> None:
    texts = ("=1+1", "+1+1", "-1+1", "@A1", "\tx", "-12.x")
    named = [
        NamedDifference(Fault.DIFFERS, "key", Kind.SALE, "s", date(2026, 12, 1), text, -1200, 5, "") for text in texts
    ]
    rows = list(csv.DictReader(io.StringIO(csv_of(named, "CNY"))))
    assert [row["reference"] for row in rows] == [f"'{text}" for text in texts]
    assert {(row["here"], row["there"]) for row in rows} == {("-12.00", "0.05")}
