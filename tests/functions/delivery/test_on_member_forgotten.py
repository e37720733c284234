"""A forgotten member: the deliveries stay as numbers, without persons and without photos."""

import json
from pathlib import Path

import pytest

from functions.delivery import on_member_forgotten
from functions.delivery.tables.proofs import read_keys
from shared.contracts.ids import member_id
from shared.spine.env import Environment
from stack.gateway_event import Context
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
