"""A page connects by a ticket, watches what it may see, and hears of nothing else."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from functions.console import ws_live
from functions.console.live import frames
from functions.console.live.topics import BY_TYPE, TOPICS
from functions.people import api as people
from shared.contracts.ids import new_id
from shared.spine.env import Environment
from shared.spine.errors import Rejected
from shared.spine.rights import RIGHTS
from stack.concerns import read_functions
from stack.gateway_event import Context
from tests.functions.console.conftest import Console, Page
from tests.support.orders import Caller, new_key, open_store
from tests.support.people import Browser

Change = dict[str, Any]
ORDERS = {"chain": "demo", "topics": ["orders"]}


def message(message_type: str, data: dict[str, Any], subject: str = "agent/a1", sequence: int = 1) -> Change:
    now = datetime.now(UTC)
    return {
        "specversion": "1.0", "id": new_id(now), "type": message_type, "source": "/dumbwaiter/test",
        "subject": subject, "time": now.isoformat(), "datacontenttype": "application/json",
        "dataschema": "urn:x:1", "sequence": sequence, "data": data,
    }  # fmt: skip


def order_placed(store: str, chain: str = "demo", order: str = "o1") -> Change:
    secret = {"name": "Ann", "phone": "5550100"}
    data = {"order": {"id": order, "chain": chain, "store": store, "guest": secret, "note": "no onion"}}
    return message("order.placed", data, f"order/{order}")


def printer_changed(store: str, chain: str = "demo") -> Change:
    return message("printing.printer_changed", {"chain": chain, "store": store, "printer": "bar", "can_print": False})


def refused(connect: Callable[[], Any]) -> tuple[int, str]:
    with pytest.raises(Rejected) as failure:
        connect()
    return int(failure.value.status), failure.value.code


# Tickets


def test_a_ticket_is_good_once_for_thirty_seconds(console: Console) -> None:
    page = console.page()
    ticket = page.ticket()
    page.connect(ticket)
    assert refused(lambda: page.connect(ticket)) == (401, "ticket_wrong")
    early, late = page.ticket(), page.ticket()
    console.wait(seconds=29)
    page.connect(early)
    console.wait(seconds=1)
    assert refused(lambda: page.connect(late)) == (401, "ticket_wrong")
    for wrong in ("", "x", ticket[:-1], ticket + "A", "\ud800"):
        assert refused(partial(page.connect, wrong)) == (401, "ticket_wrong")


def test_the_database_has_no_ticket(console: Console) -> None:
    ticket = console.page().ticket()
    [(stored,)] = console.rows("SELECT ticket_hash FROM live_tickets")
    assert ticket.encode() not in stored
    assert console.rows("SELECT COUNT(*) FROM idempotency_keys WHERE reply LIKE '%ticket%'") == [(0,)]


def test_the_address_has_the_ticket(console: Console) -> None:
    reply = console.page().call("POST", "/v1/live/tickets").json
    assert reply["url"].startswith("ws://127.0.0.1:")
    assert reply["url"].endswith(f"?ticket={reply['ticket']}")


def test_a_ticket_needs_a_signature(console: Console) -> None:
    key = new_key(console.env, console.database.owner.url)
    wrong = Caller(console.handler, key | {"secret": "x"})
    assert wrong("POST", "/v1/live/tickets").status == 401


# Topics and stores


def test_a_page_hears_the_heads_of_its_topics_alone(console: Console) -> None:
    orders, fleet = console.page().connect(), console.page().connect()
    orders.watch("orders")
    fleet.watch("fleet", "alerts")
    console.announce(order_placed("s1"), printer_changed("s1"))
    assert orders.heads() == [("orders", "order.placed", "s1")]
    assert fleet.heads() == [
        ("fleet", "printing.printer_changed", "s1"),
        ("alerts", "printing.printer_changed", "s1"),
    ]


def test_a_head_says_what_changed_and_nothing_of_a_person(console: Console) -> None:
    page = console.page().connect()
    page.watch("orders")
    placed = order_placed("s1")
    console.announce(placed)
    [frame] = page.heard()
    assert frame == {
        "kind": "changes",
        "changes": [
            {
                "topic": "orders", "type": "order.placed", "subject": "order/o1", "chain": "demo", "store": "s1",
                "at": placed["time"], "version": 1,
            },
        ],
    }  # fmt: skip


def test_a_page_hears_of_the_stores_that_it_names(console: Console) -> None:
    page = console.page().connect()
    page.watch("orders", stores=["s2", "s3"])
    console.announce(order_placed("s1"), order_placed("s2"), order_placed("s3", chain="rival"))
    assert page.heads() == [("orders", "order.placed", "s2")]


def test_a_store_manager_hears_of_no_other_store(console: Console) -> None:
    page = console.page(["orders:read"], "store:demo:s1").connect()
    assert page.watch("orders", stores=["s1", "s2"])["watch"] != []
    console.announce(order_placed("s1"), order_placed("s2"), order_placed("s1", chain="rival"))
    assert page.heads() == [("orders", "order.placed", "s1")]
    page.watch("orders")
    console.announce(order_placed("s2"), order_placed("s1"))
    assert page.heads() == [("orders", "order.placed", "s1")]


def test_a_region_hears_of_its_stores(console: Console, call: Caller) -> None:
    east, west = open_store(call), open_store(call, region="west")
    page = console.page(["orders:read"], "region:demo:west").connect()
    page.watch("orders")
    console.announce(order_placed(east), order_placed(west), order_placed("unknown"))
    assert page.heads() == [("orders", "order.placed", west)]


@pytest.mark.parametrize("topic", sorted({topic.name for topic in TOPICS}))
def test_a_topic_needs_its_right(console: Console, topic: str) -> None:
    needed = {found.right for found in TOPICS if found.name == topic}
    page = console.page(sorted(RIGHTS - needed)).connect()
    answer = page.watch(topic)
    assert (answer["watch"][0]["topics"], answer["refused"]) == (
        [], [{"chain": "demo", "topic": topic, "code": "not_allowed"}],
    )  # fmt: skip
    for message_type, pairs in BY_TYPE.items():
        if topic in {name for name, _ in pairs}:
            console.announce(message(message_type, {"chain": "demo", "store": "s1"}))
    assert page.heads() == []


def test_alerts_of_a_kind_need_the_right_of_the_kind(console: Console) -> None:
    page = console.page(["orders:read"]).connect()
    page.watch("alerts")
    differs = message("order.differs", {"order": {"chain": "demo", "store": "s1"}}, "order/o1")
    console.announce(printer_changed("s1"), differs)
    assert page.heads() == [("alerts", "order.differs", "s1")]


def test_another_chain_is_not_heard(console: Console) -> None:
    page = console.page().connect()
    assert page.watch("orders", chain="rival")["refused"] == [
        {"chain": "rival", "topic": "orders", "code": "not_allowed"}
    ]
    console.announce(order_placed("s1", chain="rival"))
    assert page.heads() == []


def test_a_change_of_the_whole_chain_needs_the_whole_chain(console: Console) -> None:
    office = console.page(["forecast:read"]).connect()
    manager = console.page(["forecast:read"], "store:demo:s1").connect()
    for page in (office, manager):
        page.watch("forecast")
    console.announce(message("forecast.ready", {"chain": "demo", "run": "r1"}, "forecast_run/r1"))
    assert (office.heads(), manager.heads()) == ([("forecast", "forecast.ready", None)], [])


def test_a_watch_replaces_the_one_before(console: Console) -> None:
    page = console.page().connect()
    page.watch("orders")
    page.watch("fleet")
    console.announce(order_placed("s1"))
    assert page.heads() == []
    page.say("live", watch=[])
    console.announce(printer_changed("s1"))
    assert page.heads() == []


# The end of a connection


def revoke(console: Console) -> None:
    with console.env.db.transaction() as transaction:
        transaction.execute("UPDATE api_clients SET revoked_at = NOW(6)")


def test_a_revoked_key_is_heard_no_more_from_the_next_frame_on(console: Console) -> None:
    page = console.page().connect()
    page.watch("orders")
    revoke(console)
    assert page.say("ping") == {"kind": "bye", "code": "session_ended"}
    assert console.gateway.hung_up == [page.connection]
    console.announce(order_placed("s1"))
    assert page.heard() == []


def test_a_silent_page_of_a_revoked_key_is_closed_by_a_change_a_minute_later(console: Console) -> None:
    page = console.page().connect()
    page.watch("orders")
    revoke(console)
    console.wait(seconds=61)
    console.announce(order_placed("s1"))
    assert page.heard() == [{"kind": "bye", "code": "session_ended"}]
    assert console.rows("SELECT * FROM live_connections") == console.rows("SELECT * FROM live_watches") == []


def test_a_right_that_was_taken_away_ends_with_the_next_ping_or_minute(console: Console) -> None:
    page, still = console.page().connect(), console.page().connect()
    for one in (page, still):
        one.watch("orders", "fleet")
    with console.env.db.transaction() as transaction:
        transaction.execute("UPDATE api_clients SET grants = '[\"orders:read@chain:demo\"]'")
    assert page.say("ping")["kind"] == "pong"
    console.announce(printer_changed("s1"))
    assert (page.heads(), still.heads()) == ([], [("fleet", "printing.printer_changed", "s1")])
    console.wait(seconds=61)
    console.announce(printer_changed("s1"), order_placed("s1"))
    assert still.heads() == [("orders", "order.placed", "s1")]


def test_a_page_without_frames_is_closed(console: Console) -> None:
    page, beating = console.page().connect(), console.page().connect()
    for one in (page, beating):
        one.watch("orders")
    for _ in range(3):
        console.wait(seconds=60)
        assert beating.say("ping")["kind"] == "pong"
    console.announce(order_placed("s1"))
    assert page.heard() == [{"kind": "bye", "code": "idle"}]
    assert beating.heads() == [("orders", "order.placed", "s1")]


def test_a_connection_that_the_gateway_closed_is_forgotten(console: Console) -> None:
    page, other = console.page().connect(), console.page().connect()
    for one in (page, other):
        one.watch("orders")
    console.gateway.gone.add(page.connection)
    console.announce(order_placed("s1"))
    assert other.heads() == [("orders", "order.placed", "s1")]
    assert console.rows("SELECT id FROM live_connections") == [(other.connection,)]
    other.leave()
    assert console.rows("SELECT * FROM live_connections") == console.rows("SELECT * FROM live_watches") == []


def test_a_gateway_that_fails_does_not_fail_the_messages(console: Console) -> None:
    page = console.page().connect()
    page.watch("orders")
    console.gateway.failing = True
    console.announce(order_placed("s1"))
    console.gateway.failing = False
    assert console.gateway.hung_up == [page.connection]
    page.connect().watch("orders")
    console.announce(order_placed("s1"))
    assert page.heads() == [("orders", "order.placed", "s1")]


# Frames


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "frame_malformed"), ("[]", "frame_malformed"), ("null", "frame_malformed"),
        ('{"action":"stop"}', "frame_malformed"), ('{"action":"ping","x":1}', "frame_malformed"),
        ('{"action":"live","watch":[{"chain":"demo","topics":[]}]}', "frame_malformed"),
        ('{"action":"live","watch":[{"chain":"d\' OR 1","topics":["orders"]}]}', "frame_malformed"),
        ('{"action":"live","watch":[{"chain":"demo","topics":["money"]}]}', "unknown_topic"),
        (json.dumps({"action": "live", "watch": [ORDERS, ORDERS]}), "chain_repeated"),
        ('{"action":"ping"' + " " * frames.MOST_BYTES + "}", "frame_too_large"),
        ("[" * 20_000, "frame_malformed"), ('"\ud800"', "frame_malformed"),
    ],
)  # fmt: skip
def test_a_frame_without_sense_is_refused_and_the_page_stays(console: Console, text: str, code: str) -> None:
    page = console.page().connect()
    page.watch("orders")
    assert page.text(text) == [{"kind": "error", "code": code}]
    console.announce(order_placed("s1"))
    assert page.heads() == [("orders", "order.placed", "s1")]


def test_a_flood_of_frames_ends_the_connection(console: Console) -> None:
    page = console.page().connect()
    answers = [page.text('{"action":"ping"}') for _ in range(21)]
    assert (len([one for one in answers if one]), console.gateway.hung_up) == (20, [page.connection])


def test_a_frame_over_a_connection_that_is_unknown_closes_it(console: Console) -> None:
    stranger = Page(console, console.page().call, "unknown=")
    assert stranger.text('{"action":"ping"}') == [{"kind": "bye", "code": "forgotten"}]


def test_many_heads_come_in_frames_that_a_gateway_sends_at_once(console: Console) -> None:
    """The gateway of the tests refuses frames of more than 32 KB."""
    store, chain = "s" * 64, "c" * 64
    page = console.page(at=f"chain:{chain}").connect()
    page.watch("orders", chain=chain)
    console.announce(*[order_placed(store, chain, "0" * 26) for _ in range(200)])
    assert len(page.heads()) == 200


# The wiring


def test_the_topics_are_the_messages_that_wake_the_console() -> None:
    heard = {
        message_type
        for key, entry in read_functions().items()
        if key.startswith("console_")
        for event in entry["events"]
        for message_type in event.get("message", {}).get("types", ())
    }
    assert set(BY_TYPE) == heard
    assert {topic.right for topic in TOPICS} <= RIGHTS


def test_no_watcher_costs_one_statement(console: Console) -> None:
    before = int(dict(console.rows("SHOW GLOBAL STATUS LIKE 'Com_select'"))["Com_select"])
    console.announce(*[order_placed("s1") for _ in range(50)])
    after = int(dict(console.rows("SHOW GLOBAL STATUS LIKE 'Com_select'"))["Com_select"])
    assert after - before == 1


def test_the_sample_page_is_refused(env: Environment) -> None:
    """It was never made."""
    del env
    event = json.loads(Path("events/console/ws_live.json").read_text(encoding="utf-8"))
    assert ws_live.handler(event, Context())["statusCode"] == 401


# People


def test_a_person_hears_what_the_roles_give(console: Console) -> None:
    page = console.person("store_manager:s1").connect()
    page.watch("orders", "forecast")
    console.announce(order_placed("s1"), order_placed("s2"), order_placed("s1", chain="rival"))
    assert page.heads() == [("orders", "order.placed", "s1")]


def test_a_session_that_ends_closes_the_connection_with_the_next_change(console: Console) -> None:
    page = console.person("head_office").connect()
    page.watch("orders")
    assert isinstance(page.call, Browser)
    assert page.call.at(people.handler)("DELETE", "/v1/session").status == 200
    console.announce(order_placed("s1"))
    assert page.heard() == [{"kind": "bye", "code": "session_ended"}]
    assert console.gateway.hung_up == [page.connection]


def test_a_session_that_nobody_used_for_twelve_hours_ends(console: Console) -> None:
    page = console.person("head_office").connect()
    for _ in range(12):
        assert page.say("ping")["kind"] == "pong"
        console.wait(minutes=61)
    assert page.say("ping") == {"kind": "bye", "code": "session_ended"}


def test_a_role_that_was_taken_away_ends_with_the_next_ping(console: Console) -> None:
    page = console.person("head_office").connect()
    page.watch("orders", "fleet")
    with console.env.db.transaction() as transaction:
        transaction.execute("UPDATE role_assignments SET role = 'marketing'")
    assert page.say("ping")["kind"] == "pong"
    console.announce(order_placed("s1"), printer_changed("s1"))
    assert page.heads() == []


def test_a_ticket_that_a_page_takes_by_itself_leaves_no_audit_entry(console: Console) -> None:
    assert console.person("head_office").call("POST", "/v1/live/tickets").status == 201
    with console.env.db.transaction() as transaction:
        assert transaction.rows("SELECT operation FROM audit_entries WHERE operation = 'console.make_ticket'") == []
