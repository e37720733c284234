"""What a desk has not read: chats and notices, no steps, of its own stores alone."""

from datetime import UTC, datetime, timedelta
from typing import Any

from functions.delivery.tables import inbox as tables
from stack.mariadb import MariaDB
from tests.functions.delivery.resources.test_inbox import guest, link, write
from tests.support.deliveries import World


def unread(world: World, who: Any = None, store: str | None = None) -> dict[str, int]:
    """How many messages are unread by delivery."""
    at = f"&store={store}" if store else ""
    answer = (who or world.desk)("GET", f"/v1/inbox/unread?chain=demo{at}")
    assert answer.status == 200, answer.text
    assert answer.json["stores_left_out"] == 0
    return {one["delivery"]: one["unread"] for one in answer.json["conversations"]}


def read(world: World, delivery: str, seq: int) -> None:
    body = {"party": "desk", "chain": "demo", "store": world.store, "conversation": f"delivery/{delivery}", "seq": seq}
    assert world.desk("PUT", "/v1/inbox/read", body).status == 200


def test_chats_and_notices_are_unread_until_they_are_read(world: World) -> None:
    first, second = world.accepted(), world.place()
    assert unread(world) == {}, "steps are seen on the delivery"
    address = f"/v1/delivery-links/{link(world, first)}/messages"
    for number in range(3):
        assert guest("POST", address, {"id": f"m{number}", "to": "desk", "text": f"text {number}"}).status == 201
    assert write(world, second, "packer", ["desk"], "p1", "No roses left").status == 201
    assert write(world, second, "desk", ["packer"], "d1", "Take tulips").status == 201
    found = world.desk("GET", f"/v1/inbox/unread?chain=demo&store={world.store}").json["conversations"]
    shown = [(one["delivery"], one["store"], one["unread"], one["last"]["values"]["text"]) for one in found]
    assert shown == [(second, world.store, 1, "No roses left"), (first, world.store, 3, "text 2")]
    read(world, first, found[1]["last"]["seq"] - 1)
    assert unread(world) == {second: 1, first: 1}
    # A courier who goes home is a notice.
    gone = world.couriers["ana"]("POST", "/v1/couriers/shift", {"shift_until": datetime.now(UTC).isoformat()})
    assert gone.json["on_shift"] is False
    assert unread(world) == {second: 1, first: 2}


def test_the_desk_of_another_store_sees_nothing_and_a_packer_is_refused(world: World) -> None:
    delivery = world.accepted()
    assert write(world, delivery, "packer", ["desk"], "p1").status == 201
    stranger = world.caller(["delivery:manage"], "store:demo:elsewhere")
    assert unread(world, stranger) == {}
    assert stranger("GET", f"/v1/inbox/unread?chain=demo&store={world.store}").status == 403
    assert world.packer("GET", "/v1/inbox/unread?chain=demo").status == 403
    other = world.caller(["delivery:manage"], "chain:other")
    assert other("GET", "/v1/inbox/unread?chain=demo").status == 403


def test_what_is_older_than_a_week_needs_nobody(world: World, database: MariaDB) -> None:
    delivery = world.accepted()
    assert write(world, delivery, "packer", ["desk"], "p1").status == 201
    with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE inbox_messages SET at = %s", (datetime.now(UTC) - timedelta(days=8),))
    assert unread(world) == {}


def test_a_snapshot_has_the_numbers_of_what_is_to_be_read(world: World) -> None:
    delivery = world.accepted()
    numbers = []
    for number in range(3):
        assert write(world, delivery, "courier", ["desk"], f"c{number}").status == 201
        assert world.act(world.packer, delivery, "pick", "packed").status == 409  # told to nobody
    page = world.desk("GET", f"/v1/inbox?party=desk&chain=demo&store={world.store}").json
    numbers = [message["seq"] for message in page["messages"] if message["kind"] == "chat"]
    target = f"/v1/inbox/snapshot?party=desk&chain=demo&store={world.store}"
    [conversation] = world.desk("GET", target).json["conversations"]
    assert conversation["to_read"] == numbers
    assert conversation["unread"] == len(page["messages"])
    read(world, delivery, numbers[1])
    [conversation] = world.desk("GET", target).json["conversations"]
    assert conversation["to_read"] == numbers[2:]


A_MONTH = """
    INSERT INTO inbox_messages (recipient, seq, message_id, conversation, kind, counts, at, body)
    SELECT %s, seq, CONCAT('m', seq), CONCAT('delivery/', seq DIV 10), IF(seq %% 50, 'status', 'chat'), 1,
        NOW(6) - INTERVAL seq MINUTE, '{}'
    FROM seq_1_to_20000"""


def test_only_chats_and_notices_of_the_week_are_read(database: MariaDB) -> None:
    recipients = ("desk/demo:a", "desk/demo:b")
    with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
        for recipient in recipients:
            cursor.execute(A_MONTH, (recipient,))
        cursor.execute("ANALYZE TABLE inbox_messages")
        values = {"recipients": recipients, "since": datetime.now(UTC) - timedelta(days=7), "limit": 200}
        cursor.execute("EXPLAIN FORMAT = TRADITIONAL " + tables.SELECT_UNREAD, values)
        columns = [column[0] for column in cursor.description]
        plans = {row[2]: dict(zip(columns, row, strict=True)) for row in cursor.fetchall()}
        cursor.execute("TRUNCATE TABLE inbox_messages")
    assert (plans["m"]["type"], plans["m"]["key"]) == ("range", "by_kind")
    assert int(plans["m"]["rows"]) <= 2 * 7 * 1_440 // 50 + 10
