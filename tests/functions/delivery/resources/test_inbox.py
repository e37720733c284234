"""Messages between desk, packer, courier and customer: numbered for each recipient, read once, on every device."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from functions.delivery import api, drop_old
from stack.gateway_event import Answer, Context, answer_of, event
from stack.mariadb import MariaDB
from tests.support.deliveries import World


def inbox(world: World, party: str, name: str = "ana", after: int = 0) -> dict[str, Any]:
    who = {"desk": world.desk, "packer": world.packer, "courier": world.couriers[name]}[party]
    at = f"&chain=demo&store={world.store}" if party != "courier" else ""
    answer = who("GET", f"/v1/inbox?party={party}{at}&after={after}")
    assert answer.status == 200, answer.text
    return dict(answer.json)


def write(world: World, delivery: str, party: str, to: list[str], message: str, text: str = "hello") -> Any:
    who = {"desk": world.desk, "packer": world.packer, "courier": world.couriers["ana"]}[party]
    body = {"id": message, "party": party, "to": to, "text": text}
    return who("POST", f"/v1/deliveries/{delivery}/messages", body)


def link(world: World, delivery: str) -> str:
    return str(world.see(delivery)["link"]).rpartition("/")[2]


def guest(method: str, target: str, body: Any = None) -> Answer:
    """A request without a key."""
    content = b"" if body is None else json.dumps(body).encode()
    return answer_of(
        api.handler(event(method, target, {"host": "api", "content-type": "application/json"}, content), Context())
    )


def test_every_party_is_told_of_its_steps_without_a_gap(world: World) -> None:
    delivery = world.accepted()
    world.act(world.couriers["ana"], delivery, "pick_up", "accepted")
    world.act(world.couriers["ana"], delivery, "deliver", "picked_up")
    templates = {
        party: [message["template"].removeprefix("delivery.") for message in inbox(world, party)["messages"]]
        for party in ("desk", "packer", "courier")
    }
    assert templates["desk"] == ["created", "pack", "accept", "pick_up", "deliver"]
    assert templates["packer"] == ["created", "accept"]
    assert [message["seq"] for message in inbox(world, "desk")["messages"]] == [1, 2, 3, 4, 5]
    page = guest("GET", f"/v1/delivery-links/{link(world, delivery)}/messages")
    assert [message["template"] for message in page.json["messages"]] == ["delivery.pick_up", "delivery.deliver"]


def test_a_courier_who_lost_a_delivery_is_told(world: World) -> None:
    delivery = world.accepted()
    assert world.act(world.desk, delivery, "assign", "accepted", courier="ben").status == 200
    assert inbox(world, "courier")["messages"][-1]["template"] == "delivery.taken_away"
    assert inbox(world, "courier", "ben")["messages"][-1]["template"] == "delivery.assign"
    assert write(world, delivery, "courier", ["desk"], "m1").status == 404


def test_customer_and_courier_write_to_each_other_and_neither_learns_a_number(world: World) -> None:
    delivery = world.accepted()
    address = f"/v1/delivery-links/{link(world, delivery)}/messages"
    before = inbox(world, "courier")["head"]
    for _ in range(2):  # the second is the same message, sent again
        answer = guest("POST", address, {"id": "c1", "to": "courier", "text": "The gate is open"})
        assert answer.status == 201, answer.text
    page = inbox(world, "courier", after=before)
    assert [(message["sender"]["party"], message["values"]["text"]) for message in page["messages"]] == [
        ("customer", "The gate is open")
    ]
    assert "555" not in str(page)
    assert write(world, delivery, "courier", ["customer"], "a1", "Two minutes").status == 201
    assert guest("GET", address).json["messages"][-1]["values"]["text"] == "Two minutes"
    assert guest("POST", address, {"id": "c2", "to": "packer", "text": "x"}).json["code"] == "not_to_this_party"


def test_another_link_an_ended_delivery_and_a_flood_are_refused(world: World, database: MariaDB) -> None:
    delivery = world.accepted()
    address = f"/v1/delivery-links/{link(world, delivery)}/messages"
    assert guest("GET", f"/v1/delivery-links/{'A' * 22}/messages").status == 404
    for number in range(100):
        assert guest("POST", address, {"id": f"f{number}", "text": "x"}).status == 201
    assert guest("POST", address, {"id": "f100", "text": "x"}).status == 429
    with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE deliveries SET ended_at = %s", (datetime.now(UTC) - timedelta(hours=25),))
    assert guest("GET", address).json["code"] == "conversation_closed"
    assert guest("POST", address, {"id": "f101", "text": "x"}).status == 409


def test_the_desk_of_another_store_reads_nothing(world: World) -> None:
    world.accepted()
    stranger = world.caller(["delivery:manage", "delivery:read"], "store:demo:elsewhere")
    assert stranger("GET", f"/v1/inbox?party=desk&chain=demo&store={world.store}").status == 403
    assert stranger("GET", "/v1/inbox?party=courier").status == 404


def test_a_page_that_has_all_gets_304_and_one_that_was_away_too_long_gets_410_and_a_snapshot(
    world: World, database: MariaDB
) -> None:
    delivery = world.accepted()
    target = f"/v1/inbox?party=desk&chain=demo&store={world.store}"
    first = world.desk("GET", target)
    tag = first.headers["etag"]
    assert world.desk("GET", target, headers={"If-None-Match": tag}).status == 304
    with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE inbox_messages SET at = at - INTERVAL 31 DAY WHERE seq <= 2")
    drop_old.handler({}, Context(milliseconds=60_000))
    gone = world.desk("GET", f"{target}&after=1")
    assert (gone.status, gone.json["head"], gone.json["oldest"]) == (410, 3, 3)
    snapshot = world.desk("GET", target.replace("inbox?", "inbox/snapshot?")).json
    assert snapshot["head"] == 3
    assert [(row["conversation"], row["unread"]) for row in snapshot["conversations"]] == [(f"delivery/{delivery}", 1)]
    assert world.desk("GET", f"{target}&after={snapshot['head']}").json["messages"] == []
    assert world.desk("GET", f"{target}&after=99").status == 410  # of an older copy of the database


def test_what_one_device_read_is_read_on_all(world: World) -> None:
    delivery = world.accepted()
    at = {"party": "desk", "chain": "demo", "store": world.store}
    body = at | {"conversation": f"delivery/{delivery}", "seq": 2}
    assert world.desk("PUT", "/v1/inbox/read", body).json == {
        "conversation": f"delivery/{delivery}", "read_to": 2, "unread": 1,
    }  # fmt: skip
    last = inbox(world, "desk")["messages"][-1]
    assert (last["kind"], last["values"], last["seq"]) == ("read", {"seq": 2}, 4)
    assert world.desk("PUT", "/v1/inbox/read", body | {"seq": 1}).json["read_to"] == 2
    assert world.desk("PUT", "/v1/inbox/read", body | {"seq": 99}).json["code"] == "not_received"
    assert inbox(world, "desk")["head"] == 4


def test_a_message_with_the_id_of_another_sender_is_refused(world: World) -> None:
    first, second = (link(world, world.place()) for _ in range(2))
    message = {"id": "1", "to": "desk", "text": "I am at the gate"}
    assert guest("POST", f"/v1/delivery-links/{first}/messages", message).status == 201
    taken = guest("POST", f"/v1/delivery-links/{second}/messages", message)
    assert (taken.status, taken.json["code"]) == (409, "message_id_taken")
    assert guest("POST", f"/v1/delivery-links/{second}/messages", message | {"id": "2"}).status == 201
