"""Photos and signatures: the delivery is over at once, and proven when the declared bytes are there."""

import base64
import hashlib
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from stack.emulator import Emulator
from tests.functions.delivery.resources.test_positions import unsigned
from tests.support.deliveries import World
from tests.support.delivery_proofs import (
    JPEG,
    PNG,
    declaration,
    delivered,
    link,
    open_proof,
    put,
    say_uploaded,
    states,
)

pytestmark = pytest.mark.usefixtures("bucket")


def test_a_delivery_is_over_at_once_and_proven_when_the_photo_is_there(world: World) -> None:
    ana = world.couriers["ana"]
    delivery = delivered(world, proofs=[declaration("photo", JPEG)])
    assert world.see(delivery)["carriage"] == "delivered"
    assert states(world, delivery) == {"photo": "expected"}
    opened = open_proof(ana, delivery, "photo", JPEG)
    assert opened.status == 201, opened.text
    assert say_uploaded(ana, delivery, "photo").json["state"] == "expected"
    assert put(opened.json["upload"], JPEG).status_code == 200
    assert states(world, delivery) == {"photo": "expected"}
    assert say_uploaded(ana, delivery, "photo").json == {"kind": "photo", "state": "proven", "upload": None}
    assert states(world, delivery) == {"photo": "proven"}
    world.carry()
    said = [message["data"] for message in world.said if message["type"] == "delivery.changed"]
    assert [(data["action"], data["reason"]) for data in said][-1] == ("proven", "photo")
    assert open_proof(ana, delivery, "photo", JPEG).json == {"kind": "photo", "state": "proven", "upload": None}


def test_the_address_signs_size_type_hash_and_key(world: World) -> None:
    ana = world.couriers["ana"]
    delivery = delivered(world)
    upload = open_proof(ana, delivery, "signature", PNG, "image/png").json["upload"]
    parts = urlsplit(upload["url"])
    query = parse_qs(parts.query)
    assert query["X-Amz-SignedHeaders"] == ["content-length;content-type;host;x-amz-checksum-sha256"]
    assert int(query["X-Amz-Expires"][0]) <= 900
    digest = hashlib.sha256(PNG)
    assert upload["headers"] == {
        "content-type": "image/png", "x-amz-checksum-sha256": base64.b64encode(digest.digest()).decode(),
    }  # fmt: skip
    assert parts.path == f"/proofs/demo/{delivery}/signature-{digest.hexdigest()[:32]}"
    # The storage compares the hash by itself.
    assert put(upload, PNG[:-1] + b"x").status_code == 400


@pytest.mark.parametrize(
    ("content", "declared_type", "reason"),
    [(JPEG + b"x", "image/jpeg", "size_differs"), (JPEG[:-1] + b"x", "image/jpeg", "hash_differs"),
     (JPEG, "image/png", "type_differs")],
)  # fmt: skip
def test_other_bytes_are_refused_and_the_declared_ones_still_come(
    world: World, emulator: Emulator, content: bytes, declared_type: str, reason: str
) -> None:
    ana = world.couriers["ana"]
    delivery = delivered(world)
    open_proof(ana, delivery, "photo", JPEG, declared_type)
    key = f"demo/{delivery}/photo-{hashlib.sha256(JPEG).hexdigest()[:32]}"
    emulator.client("s3").put_object(Bucket="proofs", Key=key, Body=content)
    assert say_uploaded(ana, delivery, "photo").json["state"] == "refused"
    [proof] = world.see(delivery)["proofs"]
    assert (proof["state"], proof["reason"]) == ("refused", reason)
    assert link(world.desk, delivery, "photo").status == 404
    upload = open_proof(ana, delivery, "photo", JPEG).json["upload"]
    put(upload, JPEG)
    assert say_uploaded(ana, delivery, "photo").json["state"] == "proven"


def test_a_checked_file_is_never_replaced_and_packed_goods_are_photographed_again(world: World) -> None:
    delivery = world.place()
    world.act(world.packer, delivery, "pack", "to_pick", proofs=[declaration("packed", JPEG)])
    for content in (JPEG, JPEG + b"again"):
        put(open_proof(world.packer, delivery, "packed", content).json["upload"], content)
        assert say_uploaded(world.packer, delivery, "packed").json["state"] == "proven"
    ana = world.couriers["ana"]
    world.act(ana, delivery, "accept", "unassigned")
    world.act(ana, delivery, "pick_up", "accepted")
    answer = open_proof(world.packer, delivery, "packed", JPEG)
    assert (answer.status, answer.json["code"]) == (409, "proof_taken")
    shown = httpx.get(link(world.desk, delivery, "packed").json["url"])
    assert shown.content == JPEG + b"again"


def test_each_role_shows_and_sees_its_own_files(world: World) -> None:
    ana, ben = world.couriers["ana"], world.couriers["ben"]
    reader = world.caller(["delivery:read"], f"store:demo:{world.store}")
    stranger = world.caller(["delivery:read", "delivery:manage", "delivery:pack"], "chain:other")
    delivery = world.accepted()
    early = open_proof(ana, delivery, "photo", JPEG)
    assert (early.status, early.json["code"]) == (409, "proof_early")
    put(open_proof(world.packer, delivery, "packed", JPEG).json["upload"], JPEG)
    say_uploaded(world.packer, delivery, "packed")
    assert link(ana, delivery, "packed").status == 201
    world.act(ana, delivery, "pick_up", "accepted")
    put(open_proof(ana, delivery, "photo", PNG, "image/png").json["upload"], PNG)
    say_uploaded(ana, delivery, "photo")
    statuses = {
        name: (open_proof(who, delivery, "photo", PNG, "image/png").status, link(who, delivery, "photo").status,
               say_uploaded(who, delivery, "photo").status)
        for name, who in (
            ("ben", ben), ("packer", world.packer), ("reader", reader), ("stranger", stranger), ("ana", ana)
        )
    }  # fmt: skip
    assert statuses == {
        "ben": (404, 404, 404), "packer": (403, 403, 403), "reader": (403, 201, 403), "stranger": (404, 404, 404),
        "ana": (201, 201, 200),
    }  # fmt: skip
    assert open_proof(ana, delivery, "packed", JPEG).status == 403
    world.act(ana, delivery, "deliver", "picked_up")
    assert link(ana, delivery, "packed").status == 403
    assert link(ana, delivery, "photo").status == 201


def test_a_look_is_in_the_trace_and_the_link_ends(world: World) -> None:
    delivery = delivered(world)
    ana = world.couriers["ana"]
    put(open_proof(ana, delivery, "photo", JPEG).json["upload"], JPEG)
    say_uploaded(ana, delivery, "photo")
    for _ in range(2):
        answer = link(world.desk, delivery, "photo")
        assert httpx.get(answer.json["url"]).content == JPEG
        assert parse_qs(urlsplit(answer.json["url"]).query)["X-Amz-Expires"] == ["60"]
    actions = world.desk("GET", f"/v1/deliveries/{delivery}/trace").json["actions"]
    looks = [(action["actor"], action["action"]) for action in actions if action["id"].startswith("look/")]
    assert looks == [(world.desk.key["id"], "look_at_proof")]


@pytest.mark.parametrize(
    "different",
    [{"size": 0}, {"size": 5 * 1024 * 1024 + 1}, {"type": "image/svg+xml"}, {"sha256": "0" * 63}, {"kind": "../x"}],
)
def test_other_declarations_are_refused(world: World, different: dict[str, object]) -> None:
    delivery = delivered(world)
    body = declaration("photo", JPEG) | different
    assert world.couriers["ana"]("POST", f"/v1/deliveries/{delivery}/proofs", body).status == 422


def photographed(world: World, content: bytes, kind: str = "photo") -> tuple[str, str]:
    """A delivery at the door with a proven photo; its id and the link of its page."""
    delivery, ana = delivered(world), world.couriers["ana"]
    who = ana if kind == "photo" else world.packer
    assert put(open_proof(who, delivery, kind, content).json["upload"], content).status_code == 200
    assert say_uploaded(who, delivery, kind).json["state"] == "proven"
    return delivery, str(world.see(delivery)["link"]).removeprefix("/d/")


def test_the_customer_sees_the_photo_of_the_door(world: World) -> None:
    delivery, page = photographed(world, JPEG)
    assert unsigned("GET", f"/v1/tracks/{page}").json["has_photo"] is True
    answer = unsigned("POST", f"/v1/tracks/{page}/photo", {})
    assert answer.status == 201, answer.text
    assert httpx.get(answer.json["url"]).content == JPEG
    assert "X-Amz-Expires=60" in answer.json["url"]
    looks = [one for one in world.desk("GET", f"/v1/deliveries/{delivery}/trace").json["actions"]
             if one["action"] == "look_at_proof"]  # fmt: skip
    assert [(one["actor"], one["detail"]) for one in looks] == [("customer", "photo")]
    assert unsigned("POST", f"/v1/tracks/{'A' * 22}/photo", {}).status == 404


def test_a_customer_sees_no_other_picture_and_none_that_tells_a_place(world: World) -> None:
    _, page = photographed(world, JPEG, "packed")
    assert unsigned("GET", f"/v1/tracks/{page}").json["has_photo"] is False
    assert unsigned("POST", f"/v1/tracks/{page}/photo", {}).json["code"] == "no_photo"
    _, page = photographed(world, JPEG[:20] + b"Exif\0\0" + JPEG[20:])
    assert unsigned("POST", f"/v1/tracks/{page}/photo", {}).json["code"] == "no_photo"
