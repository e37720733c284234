"""A forgotten member: the deliveries stay as numbers, without persons and without photos."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from functions.delivery import on_member_forgotten
from functions.delivery.tables.positions import read_track
from functions.delivery.tables.proofs import read_keys
from shared.contracts.ids import member_id
from shared.spine.env import Environment
from stack.gateway_event import Context
from stack.mariadb import MariaDB
from tests.functions.delivery.resources.test_positions import unsigned
from tests.support.deliveries import World, record
from tests.support.delivery_proofs import JPEG, declaration, delivered, open_proof, put, states

MEMBER = "guest-7"
SAMPLE = json.loads(Path("events/orders/on_member_forgotten.json").read_text(encoding="utf-8"))


@pytest.mark.usefixtures("bucket")
def test_photos_of_a_forgotten_member_are_emptied_and_no_longer_listed(world: World, env: Environment) -> None:
    own, other = (delivered(world, proofs=[declaration("photo", JPEG)]) for _ in range(2))
    for delivery in (own, other):
        opened = open_proof(world.couriers["ana"], delivery, "photo", JPEG)
        assert put(opened.json["upload"], JPEG).status_code == 200
    with env.db.transaction() as transaction:
        values = {"member": member_id("demo", MEMBER), "id": own}
        transaction.execute("UPDATE deliveries SET member_id = %(member)s WHERE id = %(id)s", values)
        [key], [kept] = read_keys(transaction, [own]), read_keys(transaction, [other])
    message = json.loads(SAMPLE["Records"][0]["body"])
    message["data"] |= {"chain": "demo", "external_ids": [MEMBER]}
    for _ in range(2):
        assert on_member_forgotten.handler({"Records": [record(message)]}, Context()) == {"batchItemFailures": []}
    assert env.aws.get_object(env.settings.proofs_bucket, key) == b""
    assert env.aws.get_object(env.settings.proofs_bucket, kept) == JPEG
    assert (states(world, own), states(world, other)) == ({}, {"photo": "expected"})
    with env.db.transaction() as transaction:
        assert (read_keys(transaction, [own]), read_keys(transaction, [other])) == ([], [kept])


@pytest.mark.usefixtures("bucket")
def test_no_text_note_track_or_reason_of_a_forgotten_member_is_left(
    world: World, env: Environment, database: MariaDB
) -> None:
    secret = "Karenina"
    ana, ben = world.couriers["ana"], world.couriers["ben"]
    lines = [{"item": "hawaiian", "size": "M", "quantity": 1, "unit_price": 1325, "note": f"for {secret}"}]
    guest = {"member": MEMBER, "name": secret, "phone": "+1 555 0100", "address": "1 Harbour Road"}
    own, other = world.place(guest=guest, lines=lines), world.place(guest=guest | {"member": "guest-8"}, lines=lines)
    for delivery in (own, other):
        world.act(world.packer, delivery, "pack", "to_pick")
        assert world.act(ben, delivery, "accept", "unassigned").status == 200
        assert world.act(ben, delivery, "decline", "accepted", reason=f"I know {secret}").status == 200
        assert world.act(ana, delivery, "accept", "unassigned").status == 200
        assert world.act(ana, delivery, "pick_up", "accepted").status == 200
        at = datetime.now(UTC) + timedelta(seconds=2)  # in a later second than the pickup
        fix = {"at": at.isoformat(), "lat": 52.0, "lon": 13.0, "accuracy": 5}
        assert ana("POST", "/v1/courier-positions", {"fixes": [fix]}).status == 200
        body = {"id": f"m-{delivery}", "party": "courier", "to": ["customer", "desk"], "text": f"{secret}?"}
        assert ana("POST", f"/v1/deliveries/{delivery}/messages", body).status == 201
        assert world.act(ana, delivery, "fail", "picked_up", reason=f"{secret} is out").status == 200
        link = world.see(delivery)["link"].removeprefix("/d/")
        complaint = {"complaint": f"I am {secret}"}
        assert unsigned("POST", f"/v1/tracks/{link}/feedback", complaint).status == 200
    message = json.loads(SAMPLE["Records"][0]["body"])
    message["data"] |= {"chain": "demo", "external_ids": [MEMBER]}
    for _ in range(2):
        assert on_member_forgotten.handler({"Records": [record(message)]}, Context()) == {"batchItemFailures": []}
    left = rows_with(database, secret)
    assert sorted(table for table, delivery in left if delivery != other) == []
    tables = ("deliveries", "delivery_actions", "delivery_feedback", "inbox_messages", "idempotency_keys", "messages")
    assert {table for table, _ in left} == set(tables)
    with env.db.transaction() as transaction:
        assert (read_track(transaction, own), bool(read_track(transaction, other))) == ("", True)
    assert world.see(own)["feedback"] == {"stars": None, "complaint": ""}
    assert world.see(other)["feedback"] == {"stars": None, "complaint": f"I am {secret}"}


def rows_with(database: MariaDB, text: str) -> set[tuple[str, str]]:
    """(table, delivery) of the rows that hold the text."""
    statements = {
        "deliveries": "SELECT id FROM deliveries WHERE CONCAT_WS(' ', details, item_lines, proof, why) LIKE %s",
        "delivery_actions": "SELECT delivery_id FROM delivery_actions WHERE detail LIKE %s",
        "delivery_feedback": "SELECT delivery_id FROM delivery_feedback WHERE complaint LIKE %s",
        "inbox_messages": "SELECT SUBSTR(conversation, 10) FROM inbox_messages WHERE body LIKE %s",
        "idempotency_keys": "SELECT reply_of FROM idempotency_keys WHERE reply LIKE %s AND reply LIKE '%%carriage%%'",
        "messages": "SELECT SUBSTR(subject, 10) FROM messages WHERE subject LIKE 'delivery/%%' AND body LIKE %s",
    }
    found = set()
    with database.owner.connect() as connection, connection.cursor() as cursor:
        for table, statement in statements.items():
            cursor.execute(statement, (f"%{text}%",))
            found |= {(table, str(row[0])) for row in cursor.fetchall()}
    return found
