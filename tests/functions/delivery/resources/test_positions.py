"""Places of couriers: gated, in any order, in three formats, and never of the future."""

import base64
import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.delivery import api
from functions.delivery.tables.positions import read_position, read_track
from functions.delivery.tracking.track import decoded
from shared.spine.env import Environment
from stack.gateway_event import Answer, Context, answer_of, event
from stack.mariadb import MariaDB
from tests.support.deliveries import World

START = {"lat": 52.0, "lon": 13.0, "accuracy": 8.0}


def fix(at: datetime, **different: float) -> dict[str, Any]:
    return {"at": at.isoformat(), **START, **different}


def underway(world: World) -> str:
    delivery, ana = world.place(), world.couriers["ana"]
    world.act(world.packer, delivery, "pack", "to_pick")
    world.act(ana, delivery, "accept", "unassigned")
    assert world.act(ana, delivery, "pick_up", "accepted").status == 200
    return delivery


def unsigned(method: str, target: str, body: Any = None, **headers: str) -> Answer:
    content = b"" if body is None else json.dumps(body).encode()
    sent = {"host": "api", **({"content-type": "application/json"} if content else {}), **headers}
    return answer_of(api.handler(event(method, target, sent, content), Context()))


def last(env: Environment) -> tuple[float, float] | None:
    with env.db.transaction() as transaction:
        position = read_position(transaction, "demo", "ana")
    return (position.lat, position.lon) if position else None


def test_inexact_future_and_impossible_fixes_are_left_out(world: World, env: Environment) -> None:
    ana, now = world.couriers["ana"], datetime.now(UTC)
    sent = [
        fix(now - timedelta(seconds=40)),
        fix(now - timedelta(seconds=30), lat=52.001),
        fix(now - timedelta(seconds=20), lat=52.002, accuracy=101.0),
        fix(now + timedelta(minutes=20), lat=52.003),
        # 0.1° are 11 km, in 20 s.
        fix(now - timedelta(seconds=10), lat=52.101),
    ]
    assert ana("POST", "/v1/courier-positions", {"fixes": sent}).json["taken"] == 3
    assert last(env) == (52.001, 13.0)


def test_a_late_fix_does_not_become_the_last(world: World, env: Environment) -> None:
    ana, now = world.couriers["ana"], datetime.now(UTC)
    ana("POST", "/v1/courier-positions", {"fixes": [fix(now, lat=52.001)]})
    ana("POST", "/v1/courier-positions", {"fixes": [fix(now - timedelta(minutes=5))]})
    assert last(env) == (52.001, 13.0)


@pytest.mark.parametrize("minutes", [-20, 20])
def test_a_phone_20_minutes_off_shows_its_courier_and_makes_the_track(
    world: World, env: Environment, minutes: int
) -> None:
    delivery, ana = underway(world), world.couriers["ana"]
    begin = datetime.fromisoformat(world.see(delivery)["times"]["picked_up"]).replace(microsecond=0)
    received, off = begin + timedelta(minutes=5), timedelta(minutes=minutes)
    env.clock, ana.at = lambda: received, int(received.timestamp())
    own = [begin + timedelta(seconds=second) for second in (60, 120, 290)]
    for took in (0, 2, 3):  # sent again, with more seconds on the way
        sent = (received + off - timedelta(seconds=took)).isoformat()
        body = {"fixes": [fix(at + off, lat=52.0 + n / 1_000) for n, at in enumerate(own)], "sent_at": sent}
        assert ana("POST", "/v1/courier-positions", body).json["taken"] == 3
    with env.db.transaction() as transaction:
        position, track = read_position(transaction, "demo", "ana"), decoded(read_track(transaction, delivery))
    assert position is not None
    assert (position.lat, position.fixed_at) == (52.002, own[-1])
    assert [one.second for one in track] == [int(at.timestamp()) for at in own]


def test_late_shuffled_and_doubled_fixes_make_the_same_track_of_the_time_after_pickup(
    world: World, env: Environment
) -> None:
    delivery, ana = underway(world), world.couriers["ana"]
    begin = datetime.fromisoformat(world.see(delivery)["times"]["picked_up"]).replace(microsecond=0)
    later = begin + timedelta(minutes=30)
    env.clock, ana.at = lambda: later, int(later.timestamp())
    own = [fix(begin + timedelta(seconds=30 * n), lat=52.0 + n / 10_000) for n in range(1, 41)]
    before = [fix(begin - timedelta(seconds=30 * n), lat=51.9) for n in range(1, 5)]
    sent = [*own, *before, *own[5:15]]
    random.Random(3).shuffle(sent)
    for index in range(0, len(sent), 9):
        assert ana("POST", "/v1/courier-positions", {"fixes": sent[index : index + 9]}).status == 200
    with env.db.transaction() as transaction:
        track = decoded(read_track(transaction, delivery))
    assert [(one.second, one.lat) for one in track] == [
        (int(datetime.fromisoformat(one["at"]).timestamp()), one["lat"]) for one in own
    ]


def test_own_tracks_and_traccar_send_with_the_secret_of_the_device(world: World, env: Environment) -> None:
    made = world.desk("POST", "/v1/couriers/ana/device?chain=demo")
    assert made.status == 201, made.text
    secret, now = made.json["secret"], datetime.now(UTC)
    basic = "Basic " + base64.b64encode(f"ana:{secret}".encode()).decode()
    # The documented message of OwnTracks, with members that are of no interest.
    message = {"_type": "location", "tid": "an", "lat": 52.0, "lon": 13.0, "tst": int(now.timestamp()) - 60, "acc": 5,
               "vel": 12, "cog": 270, "batt": 80}  # fmt: skip
    answer = unsigned("POST", "/v1/courier-positions/owntracks", message, authorization=basic)
    assert (answer.status, answer.text) == (200, "[]")
    assert last(env) == (52.0, 13.0)
    transition = {"_type": "transition", "event": "enter"}
    assert unsigned("POST", "/v1/courier-positions/owntracks", transition, authorization=basic).status == 200
    traccar = {
        "location": {
            "timestamp": (now - timedelta(seconds=20)).isoformat().replace("+00:00", "Z"),
            "coords": {"latitude": 52.0005, "longitude": 13.0, "accuracy": 9.1, "speed": 3.2, "heading": 90.0},
            "is_moving": True,
        },
        "device_id": secret,
    }  # fmt: skip
    assert unsigned("POST", "/v1/courier-positions/traccar", traccar).status == 200
    assert last(env) == (52.0005, 13.0)


def test_the_form_of_osmand_and_of_an_older_traccar_is_taken(world: World, env: Environment) -> None:
    secret = world.desk("POST", "/v1/couriers/ana/device?chain=demo").json["secret"]
    second = int(datetime.now(UTC).timestamp())
    more = "lon=13.0&speed=17.3&bearing=90.0&altitude=35.0&accuracy=9.0&batt=81.0"  # the speed in knots
    target = f"/v1/courier-positions/osmand?id={secret}&{more}"
    assert unsigned("POST", f"{target}&timestamp={second - 60}&lat=52.0").status == 200
    assert last(env) == (52.0, 13.0)
    assert unsigned("GET", f"{target}&timestamp={1_000 * (second - 40)}&lat=52.001").status == 200
    assert last(env) == (52.001, 13.0)
    at = datetime.fromtimestamp(second - 20, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert unsigned("POST", f"{target}&timestamp={at}&lat=52.002").status == 200
    assert last(env) == (52.002, 13.0)
    assert unsigned("POST", f"{target}&timestamp={second}&lat=91").status == 422
    assert unsigned("POST", f"/v1/courier-positions/osmand?id=guess&{more}&lat=52.0").status == 401


def test_an_empty_message_of_own_tracks_is_answered_and_an_unknown_accuracy_is_no_place(
    world: World, env: Environment
) -> None:
    secret, now = world.desk("POST", "/v1/couriers/ana/device?chain=demo").json["secret"], datetime.now(UTC)
    basic = "Basic " + base64.b64encode(f"ana:{secret}".encode()).decode()
    empty = unsigned("POST", "/v1/courier-positions/owntracks", authorization=basic)
    assert (empty.status, empty.text) == (200, "[]")
    message = {"_type": "location", "lat": 52.0, "lon": 13.0, "tst": int(now.timestamp()), "acc": -1}
    assert unsigned("POST", "/v1/courier-positions/owntracks", message, authorization=basic).status == 200
    coords = {"latitude": 52.0, "longitude": 13.0, "accuracy": -1}
    traccar = {"location": {"timestamp": now.isoformat(), "coords": coords}, "device_id": secret}
    assert unsigned("POST", "/v1/courier-positions/traccar", traccar).status == 200
    assert last(env) is None


def test_a_place_from_off_duty_is_not_stored_unless_something_is_carried(world: World, env: Environment) -> None:
    secret, ana = world.desk("POST", "/v1/couriers/ana/device?chain=demo").json["secret"], world.couriers["ana"]
    target = f"/v1/courier-positions/osmand?id={secret}&lat=52.0&lon=13.0&timestamp="
    delivery = world.accepted()
    assert ana("POST", "/v1/couriers/shift", {"shift_until": "2020-01-01T00:00:00Z"}).json["on_shift"] is False
    now = int(datetime.now(UTC).timestamp()) + 1
    assert unsigned("POST", f"{target}{now}").status == 200
    assert last(env) == (52.0, 13.0)
    assert world.act(ana, delivery, "decline", "accepted").status == 200
    later = datetime.now(UTC) + timedelta(minutes=2)
    env.clock = lambda: later
    assert unsigned("POST", f"{target}{now + 60}".replace("52.0", "52.001")).status == 200
    assert last(env) == (52.0, 13.0)
    # A fix of the shift may come after it.
    assert unsigned("POST", f"{target}{now - 60}".replace("52.0", "52.002")).status == 200


def test_the_desk_sees_the_track_from_pickup_to_the_end_and_nobody_else_does(world: World, env: Environment) -> None:
    delivery, ana = underway(world), world.couriers["ana"]
    begin = datetime.fromisoformat(world.see(delivery)["times"]["picked_up"]).replace(microsecond=0)

    def send(second: int, lat: float) -> None:
        at = begin + timedelta(seconds=second)
        env.clock, ana.at = lambda: at, int(at.timestamp())
        assert ana("POST", "/v1/courier-positions", {"fixes": [fix(at, lat=lat)]}).status == 200

    def act(second: int, action: str, expected: str) -> None:
        at = begin + timedelta(seconds=second)
        for who in (ana, world.desk):
            env.clock, who.at = lambda: at, int(at.timestamp())
        who = world.desk if action == "retry" else ana
        assert world.act(who, delivery, action, expected, reason="nobody opens").status == 200

    send(30, 52.001)
    send(60, 52.002)
    act(70, "fail", "picked_up")
    send(80, 52.0021)
    act(90, "retry", "failed")
    send(120, 52.003)
    send(130, 10.0)
    send(150, 52.004)
    act(160, "deliver", "on_the_way")
    send(180, 52.005)
    track = world.desk("GET", f"/v1/deliveries/{delivery}/track")
    assert track.status == 200, track.text
    seen = [
        (round((datetime.fromisoformat(one["at"]) - begin).total_seconds()), one["lat"]) for one in track.json["fixes"]
    ]
    assert seen == [(30, 52.001), (60, 52.002), (120, 52.003), (150, 52.004)]
    assert {who("GET", f"/v1/deliveries/{delivery}/track").status for who in (ana, world.packer)} <= {401, 403, 404}
    other = world.caller(["delivery:manage"], "store:demo:elsewhere")
    assert other("GET", f"/v1/deliveries/{delivery}/track").status == 404


def test_a_wrong_or_replaced_secret_is_refused(world: World, env: Environment) -> None:
    old = world.desk("POST", "/v1/couriers/ana/device?chain=demo").json["secret"]
    world.desk("POST", "/v1/couriers/ana/device?chain=demo")
    message = {"_type": "location", "lat": 52.0, "lon": 13.0, "tst": int(datetime.now(UTC).timestamp())}
    for password in (old, "guess", ""):
        basic = "Basic " + base64.b64encode(f"ana:{password}".encode()).decode()
        assert unsigned("POST", "/v1/courier-positions/owntracks", message, authorization=basic).status == 401
    assert unsigned("POST", "/v1/courier-positions/owntracks", message).status == 401
    assert last(env) is None
    assert world.packer("POST", "/v1/couriers/ana/device?chain=demo").status == 403


def test_without_the_right_to_carry_no_place_is_taken(world: World, env: Environment, database: MariaDB) -> None:
    ana, now = world.couriers["ana"], datetime.now(UTC)
    with database.owner.connect() as connection, connection.cursor() as cursor:
        grants = '["delivery:read@store:demo:elsewhere"]'
        cursor.execute("UPDATE api_clients SET grants = %s WHERE id = %s", (grants, ana.key["id"]))
        connection.commit()
    assert ana("POST", "/v1/courier-positions", {"fixes": [fix(now)]}).json["code"] == "unknown_courier"
    assert last(env) is None
