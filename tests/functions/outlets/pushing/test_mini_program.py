"""Subscription messages of a mini-program, from the order to the fake: one accept is one message."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from functions.outlets.pushing.sender import send_pushes, settle_lost_pushes
from functions.outlets.tables.robots import read_robot, update_token, update_token_leased
from shared.spine.env import Environment
from tests.simulators.faults import Fault
from tests.support.guests import code
from tests.support.outlets import CHAIN
from tests.support.pushes import Pushes, give, message_of

GUEST = "openid-1"


def told(pushes: Pushes, place: int = 0) -> str:
    """An order of the guest that is ready, and whose messages were carried."""
    _, token = pushes.device(GUEST)
    order = pushes.place(token, place)
    pushes.move(order)
    pushes.carry()
    return order


def states(pushes: Pushes) -> list[tuple[str, str | None]]:
    device, _ = pushes.device(GUEST)
    return [(push["state"], push["reason"]) for push in pushes.pushes_of(device)]


def free(pushes: Pushes) -> int:
    with pushes.env.db.transaction() as transaction:
        return len(transaction.rows("SELECT 1 FROM guest_rights WHERE state = 'free'"))


def test_an_order_that_is_ready_is_told_once_and_uses_up_the_accept(pushes: Pushes) -> None:
    pushes.accept(GUEST, "t1")
    told(pushes)
    [arrival] = pushes.wechat.arrivals
    assert (arrival.chat, arrival.text.split("\n")[:2]) == (GUEST, ["t1", "Corner"])
    told(pushes, 1)
    assert len(pushes.wechat.arrivals) == 1
    assert states(pushes) == [("dropped", "no_consent"), ("sent", None)]


def test_an_accept_that_the_service_tells_twice_is_one(pushes: Pushes) -> None:
    request = pushes.wechat.consent(GUEST, [("t1", "accept")], "popup")
    assert [pushes.call_back(request).status for _ in range(2)] == [200, 200]
    assert free(pushes) == 1


def test_a_refusal_in_the_settings_ends_free_rights(pushes: Pushes) -> None:
    pushes.accept(GUEST, "t1")
    assert pushes.call_back(pushes.wechat.consent(GUEST, [("t1", "reject")])).status == 200
    told(pushes)
    assert (states(pushes), pushes.wechat.arrivals) == ([("dropped", "no_consent")], [])


def test_a_forged_callback_counts_nothing(pushes: Pushes) -> None:
    settings, secrets = pushes.wechat.robot(5)
    pushes.add_account("other", "wechat_mini_program", settings | {"source_id": "shop"}, secrets)
    request = pushes.wechat.consent(GUEST, [("t1", "accept")], "popup")
    assert pushes.call_back(request, robot="other").status == 401
    assert pushes.call_back(request, channel="telegram").status == 404
    assert free(pushes) == 0


def test_accepts_of_the_device_count_where_the_account_says_so(pushes: Pushes) -> None:
    device, _ = pushes.device(GUEST)
    body = {"templates": ["t1", "t2"], "press": "press-0001"}
    assert device("POST", "/v1/outlets/guest/accepts", body, key="a").json == {"counted": []}
    pushes.add_mini_program(accepts_from="api")
    assert device("POST", "/v1/outlets/guest/accepts", body, key="b").json == {"counted": ["t1", "t2"]}
    assert device("POST", "/v1/outlets/guest/accepts", body, key="c").json == {"counted": []}
    pushes.accept(GUEST, "t1")
    assert free(pushes) == 2


def test_a_device_names_no_other_guest_and_a_key_is_no_device(pushes: Pushes) -> None:
    body = {"templates": ["t1"], "press": "press-0001"}
    assert code(pushes.api("POST", "/v1/outlets/guest/accepts", body)) == (422, "guest_token_needed")
    device, _ = pushes.device(GUEST)
    assert device("GET", f"/v1/outlets/guest-rules{CHAIN}").status == 403
    assert code(device("POST", "/v1/outlets/guest/accepts", body | {"guest": "openid-2"}, key="z"))[0] == 422


def test_the_result_comes_after_the_reply_or_before_it(pushes: Pushes) -> None:
    settings, secrets = pushes.wechat.robot(2)
    pushes.add_account("official", "wechat_official_account", settings, secrets)
    pushes.rule("ready", robot="official")
    body = {"account": "official", "address": "follower-1", "source_id": "app", "guest": GUEST}
    assert pushes.api("POST", f"/v1/outlets/guests{CHAIN}", body).status == 201
    told(pushes)
    [arrival] = pushes.wechat.arrivals
    called = {"robot": "official", "channel": "wechat_official_account"}
    assert pushes.call_back(pushes.wechat.received(arrival, "failed:user block"), **called).status == 200
    assert pushes.call_back(pushes.wechat.received(arrival, "delivered"), **called).status == 200
    assert states(pushes) == [("failed", "failed:user block")]
    with pushes.env.db.transaction() as transaction:
        following = str(int(arrival.message_id) + 1)
        transaction.execute(
            "INSERT INTO guest_results VALUES ('demo:official', %s, 'shown', 'success', '2026-11-30')", (following,)
        )
    told(pushes, 1)
    assert states(pushes)[0] == ("shown", None)


@pytest.mark.parametrize(
    ("fault", "state", "left"),
    [("content", ("failed", "47003"), 1), ("no_right", ("failed", "43101"), 0), ("dead", ("failed", "40003"), 1)],
)
def test_failures_are_told_apart_and_a_push_that_was_not_shown_gives_its_right_back(
    pushes: Pushes, fault: str, state: tuple[str, str], left: int
) -> None:
    pushes.accept(GUEST, "t1")
    if fault == "no_right":
        pushes.wechat.rights.clear()
    else:
        pushes.wechat.fail([Fault(fault, "message/")])
    told(pushes)
    assert states(pushes) == [state]
    assert free(pushes) == left


def test_a_token_that_was_ended_is_fetched_again_and_the_push_goes_once(
    pushes: Pushes, moved_clock: Callable[[float], None]
) -> None:
    pushes.accept(GUEST, "t1")
    pushes.accept("openid-2", "t1")
    told(pushes)
    pushes.wechat.forget_sessions()
    # WeChat counts the seconds of an event: one of the same second would be the same event.
    pushes.wechat.wall = lambda: time.time() + 2
    request = pushes.wechat.consent(GUEST, [("t1", "accept")], "change")
    pushes.wechat.accept(GUEST, "t1")
    assert pushes.call_back(request).status == 200
    told(pushes, 1)
    assert states(pushes)[0] == ("waiting", "40001")
    moved_clock(2)
    pushes.look()
    assert (states(pushes)[0], len(pushes.wechat.arrivals)) == (("sent", None), 2)


def test_a_limit_of_the_service_holds_the_account(pushes: Pushes, moved_clock: Callable[[float], None]) -> None:
    pushes.accept(GUEST, "t1")
    pushes.wechat.fail([Fault("too_many", "message/")])
    told(pushes)
    pushes.look()
    assert (states(pushes), pushes.wechat.arrivals) == ([("waiting", "45009")], [])
    moved_clock(61)
    pushes.look()
    assert states(pushes) == [("sent", None)]


def test_a_push_without_an_answer_is_not_sent_again_and_keeps_its_right(pushes: Pushes) -> None:
    pushes.accept(GUEST, "t1")
    pushes.wechat.fail([Fault("lost", "message/")])
    told(pushes)
    pushes.look()
    assert states(pushes) == [("unknown", "no_reply")]
    assert (free(pushes), len(pushes.wechat.arrivals)) == (0, 1)


def test_a_push_of_a_killed_worker_is_unknown(
    pushes: Pushes, monkeypatch: pytest.MonkeyPatch, moved_clock: Callable[[float], None]
) -> None:
    pushes.accept(GUEST, "t1")

    def killed(*_: object) -> None:
        raise SystemExit

    monkeypatch.setattr("functions.outlets.pushing.sender.post_calls", killed)
    with pytest.raises(SystemExit):
        told(pushes)
    monkeypatch.undo()
    assert settle_lost_pushes(pushes.env) == 0
    moved_clock(46)
    assert settle_lost_pushes(pushes.env) == 1
    assert send_pushes(pushes.env) == 0
    assert (states(pushes), free(pushes)) == ([("unknown", "no_reply")], 0)


def test_a_refund_and_a_courier_at_the_door_are_told_to_the_guest_of_the_order(
    pushes: Pushes, env: Environment
) -> None:
    pushes.rule("refund", "refund_done", template="t2", fields={"amount1": "{amount}"})
    pushes.rule("courier", "courier_near", template="t3", fields={"thing1": "{store}"})
    pushes.accept(GUEST, "t2", "t3")
    _, token = pushes.device(GUEST)
    order = pushes.place(token)
    body = {"reference": "r1", "amount": 500, "reason": "cold"}
    answer = pushes.orders("POST", f"/v1/orders/{order}/refunds", body)
    assert answer.status in (200, 201), answer.text
    pushes.carry()
    for sequence in (5, 6):
        give(message_of("delivery.changed", f"delivery/{order}", arrived(pushes, order), env.clock(), sequence))
    assert [arrival.text for arrival in pushes.wechat.arrivals] == ["t2\n5.00", "t3\nCorner"]


def test_a_courier_within_the_geofence_is_told_once_and_not_again_at_the_door(pushes: Pushes, env: Environment) -> None:
    pushes.rule("courier", "courier_near", template="t3", fields={"thing1": "{store}"})
    pushes.accept(GUEST, "t3")
    pushes.accept(GUEST, "t3")
    _, token = pushes.device(GUEST)
    order = pushes.place(token)
    near = {**arrived(pushes, order), "carriage": "on_the_way", "metres": 290}
    del near["action"], near["reason"]
    for sequence in (4, 4, 5):
        give(message_of("delivery.courier_near", f"delivery/{order}", near, env.clock(), sequence))
    assert [arrival.text for arrival in pushes.wechat.arrivals] == ["t3\nCorner"]
    give(message_of("delivery.changed", f"delivery/{order}", arrived(pushes, order), env.clock(), 6))
    assert len(pushes.wechat.arrivals) == 1


def arrived(pushes: Pushes, order: str) -> dict[str, Any]:
    """The data of a message: the courier is at the door."""
    now = pushes.env.clock().isoformat()
    return {
        "delivery": order, "order": order, "chain": "demo", "store": pushes.store, "goods": "handed",
        "carriage": "arrived", "courier": "ana", "at": now, "wanted_until": now, "action": "arrive", "reason": None,
    }  # fmt: skip


def test_a_late_worker_stores_no_token_over_a_newer_one(pushes: Pushes) -> None:
    env = pushes.env
    now = env.clock()
    with env.db.transaction() as transaction:
        robot = read_robot(transaction, "demo:mini")
        assert robot is not None
        first = update_token_leased(transaction, robot.key, now, now, now)
        second = update_token_leased(transaction, robot.key, now, now, now)
        assert first is not None
        assert second == first + 1
        assert update_token(transaction, robot, second, b"new", now)
        assert not update_token(transaction, robot, first, b"old", now)
        again = read_robot(transaction, "demo:mini")
    assert again is not None
    assert again.token == b"new"


def test_a_rule_names_what_its_service_and_cause_have(pushes: Pushes) -> None:
    body = {"robot": "mini", "cause": "tag_changed", "template": "t1", "fields": {"Thing": "{store}"}}
    answer = pushes.api("PUT", f"/v1/outlets/guest-rules/wrong{CHAIN}", body)
    assert [fault["code"] for fault in answer.json["errors"]] == ["unknown_field", "unknown_value"]
    assert code(pushes.api("DELETE", f"/v1/outlets/robots/mini{CHAIN}")) == (409, "robot_used")
    chats = {"chats": [{"robot": "mini", "address": "1"}]}
    assert code(pushes.api("PUT", f"/v1/outlets/stores/{pushes.store}{CHAIN}", chats)) == (404, "unknown_robot")
