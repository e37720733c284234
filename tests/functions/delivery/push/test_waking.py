"""Browsers are woken with the number alone, once for each new head, and not while a page is live."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from functions.delivery.push import waking
from functions.delivery.push.waking import wake_browsers
from shared.spine.env import Environment
from stack.mariadb import MariaDB
from tests.simulators.chat.push_service import PushService
from tests.support.deliveries import World
from tests.support.orders import Caller


def register(who: Caller, subscription: dict[str, Any], world: World, party: str = "courier") -> str:
    body = {"party": party, "chain": "demo", "store": world.store, "subscription": subscription}
    answer = who("POST", "/v1/inbox/devices", body)
    assert answer.status == 201, answer.text
    return str(answer.json["id"])


def subscribed(service: PushService, world: World, name: str, party: str = "courier") -> str:
    """The id of a browser that only our key may wake."""
    who = {"courier": world.couriers["ana"], "desk": world.desk, "packer": world.packer}[party]
    key = who("GET", "/v1/inbox/push-key").json["key"]
    return register(who, service.subscription(name, server_key=key), world, party)


def assign(world: World) -> str:
    """A delivery that the desk gives to ana."""
    delivery = world.place()
    assert world.act(world.desk, delivery, "assign", "unassigned", courier="ana").status == 200
    return delivery


@pytest.fixture
def later(env: Environment, another_env: Callable[..., Environment]) -> Callable[[float], int]:
    """The next minute's run, so many minutes from now."""

    def run(minutes: float) -> int:
        now = env.clock() + timedelta(minutes=minutes)
        return wake_browsers(another_env(clock=lambda: now))

    return run


def test_a_browser_that_sleeps_is_woken_once_with_the_number_alone(
    world: World, env: Environment, service: PushService
) -> None:
    subscribed(service, world, "phone")
    subscribed(service, world, "desk", "desk")
    assert wake_browsers(env) == 0
    assign(world)
    assert wake_browsers(env) == 2
    assert wake_browsers(env) == 0
    pushes = {push.browser: push for push in service.pushes}
    head = world.couriers["ana"]("GET", "/v1/inbox?party=courier").json["head"]
    assert json.loads(pushes["phone"].text) == {"party": "courier", "chain": "demo", "store": None, "head": head}
    assert json.loads(pushes["desk"].text)["store"] == world.store
    assert (pushes["phone"].urgency, pushes["phone"].ttl, len(pushes["phone"].topic)) == ("high", 86_400, 32)
    assert pushes["phone"].subject.startswith("mailto:")
    assert len(service.pushes) == 2


def test_a_browser_that_ended_its_subscription_is_forgotten(
    world: World, env: Environment, service: PushService, later: Callable[[float], int]
) -> None:
    for status in (404, 410):
        device = subscribed(service, world, f"gone-{status}")
        service.browsers[f"gone-{status}"].ended = status
        assign(world)
        assert wake_browsers(env) == 0
        assert world.couriers["ana"]("DELETE", f"/v1/inbox/devices/{device}").status == 404
    assert later(60) == 0


def test_a_busy_service_is_asked_again_later(
    world: World, env: Environment, service: PushService, later: Callable[[float], int]
) -> None:
    subscribed(service, world, "phone")
    assign(world)
    service.fail(["unavailable"])
    assert wake_browsers(env) == 0
    assert later(0.5) == 0
    assert later(1.1) == 1
    assert later(5) == 0


def test_a_person_with_a_live_page_is_not_woken(
    world: World, env: Environment, service: PushService, database: MariaDB
) -> None:
    subscribed(service, world, "phone")
    insert = "INSERT INTO live_connections (id, client_id, opened_at, heard_at, checked_at) VALUES (%s, %s, %s, %s, %s)"
    for heard, pushed in ((env.clock(), 0), (env.clock() - timedelta(minutes=3), 1)):
        with database.owner.connect(autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute("DELETE FROM live_connections")
            cursor.execute(insert, ("c1", world.couriers["ana"].key["id"], heard, heard, heard))
        # The page went to sleep before it fetched the first of them: the browser is woken later.
        if not pushed:
            assign(world)
        assert wake_browsers(env) == pushed


def test_nobody_is_woken_for_what_a_live_page_has_fetched(world: World, env: Environment, service: PushService) -> None:
    subscribed(service, world, "phone")
    assign(world)
    assert world.couriers["ana"]("GET", "/v1/inbox?party=courier").json["messages"]
    assert wake_browsers(env) == 0
    assign(world)
    assert wake_browsers(env) == 1


def test_more_browsers_than_one_round_takes_are_woken_in_the_same_minute(
    world: World, env: Environment, service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        subscribed(service, world, f"phone-{number}")
    monkeypatch.setattr(waking, "AT_ONCE", 2)
    assign(world)
    now = env.clock()
    assert wake_browsers(env, now) == 2
    assert wake_browsers(env, now + timedelta(minutes=1)) == 3


def test_only_the_own_browser_is_deleted_and_only_the_own_inbox_is_heard(
    world: World, env: Environment, service: PushService
) -> None:
    device = subscribed(service, world, "phone")
    assert world.couriers["ben"]("DELETE", f"/v1/inbox/devices/{device}").status == 404
    body = {"party": "desk", "chain": "demo", "store": world.store, "subscription": service.subscription("spy")}
    assert world.couriers["ben"]("POST", "/v1/inbox/devices", body).status == 403
    assert register(world.couriers["ana"], service.subscription("phone"), world) == device
    assert world.couriers["ana"]("DELETE", f"/v1/inbox/devices/{device}").status == 200
    assign(world)
    assert wake_browsers(env) == 0


def test_an_eleventh_browser_replaces_the_oldest(world: World, env: Environment, service: PushService) -> None:
    for number in range(11):
        subscribed(service, world, f"phone-{number}")
    assign(world)
    assert wake_browsers(env) == 10
    assert "phone-0" not in {push.browser for push in service.pushes}


def test_the_table_holds_no_address_of_a_browser_and_no_plain_key(
    world: World, service: PushService, database: MariaDB
) -> None:
    subscribed(service, world, "phone")
    with database.owner.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT CAST(subscription_encrypted AS CHAR) FROM inbox_devices")
        [(stored,)] = cursor.fetchall()
        cursor.execute("SELECT COUNT(*) FROM push_servers")
        [(servers,)] = cursor.fetchall()
    assert service.url not in stored
    assert servers == 1
