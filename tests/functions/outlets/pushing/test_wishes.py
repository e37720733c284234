"""Wishes of a guest: opt-out at once, caps, quiet hours, and the erasure of a member."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.contracts.ids import member_id
from shared.spine.env import Environment
from tests.simulators.faults import Fault
from tests.support.guests import code
from tests.support.outlets import CHAIN
from tests.support.pushes import Pushes, give, message_of, tag_changed

TAG: dict[str, Any] = {"cause": "tag_changed", "tag": "tier", "fields": {"thing1": "{value}"}, "quiet_from": None}


@pytest.fixture
def official(pushes: Pushes) -> str:
    """A follower of the official account who is the member m-1; the id of the guest."""
    settings, secrets = pushes.wechat.robot(2)
    pushes.add_account("official", "wechat_official_account", settings, secrets)
    pushes.rule("tier", robot="official", **TAG)
    body = {"account": "official", "address": "follower-1", "member": "m-1"}
    answer = pushes.api("POST", f"/v1/outlets/guests{CHAIN}", body)
    assert answer.status == 201, answer.text
    guest: str = answer.json["guest"]
    return guest


def tag_at(at: datetime, value: str = "gold", sequence: int = 1) -> None:
    give(tag_changed("m-1", "tier", value, at, sequence))


def test_a_cap_counts_pushes_of_its_rule_in_a_sliding_period(
    pushes: Pushes, official: str, env: Environment, moved_clock: Callable[[float], None]
) -> None:
    del official
    tag_at(env.clock(), sequence=1)
    tag_at(env.clock(), sequence=2)
    assert len(pushes.wechat.arrivals) == 1
    moved_clock(timedelta(days=7, seconds=5).total_seconds())
    pushes.wechat.wall = lambda: env.clock().timestamp()
    tag_at(env.clock(), sequence=3)
    assert len(pushes.wechat.arrivals) == 2


def test_a_rule_is_for_its_tag_and_values_alone(pushes: Pushes, official: str, env: Environment) -> None:
    del official
    pushes.rule("tier", robot="official", values=["platinum"], **TAG)
    tag_at(env.clock(), "gold", 1)
    give(tag_changed("m-1", "city", "platinum", env.clock()))
    give(tag_changed("m-2", "tier", "platinum", env.clock()))
    assert pushes.wechat.arrivals == []
    tag_at(env.clock(), "platinum", 2)
    assert [arrival.text for arrival in pushes.wechat.arrivals] == ["t1\nplatinum"]


def test_an_advertisement_waits_for_the_end_of_quiet_hours(
    pushes: Pushes, official: str, env: Environment, moved_clock: Callable[[float], None]
) -> None:
    del official
    now = datetime.now(UTC)
    begins, ends = now - timedelta(minutes=1), now + timedelta(minutes=20)
    quiet = {"quiet_from": f"{begins:%H:%M}", "quiet_until": f"{ends:%H:%M}"}
    pushes.rule("tier", robot="official", **TAG | quiet)
    tag_at(env.clock())
    pushes.look()
    assert pushes.wechat.arrivals == []
    moved_clock(20 * 60)
    pushes.look()
    assert len(pushes.wechat.arrivals) == 1


@pytest.mark.parametrize(("wish", "shown"), [("nothing", 2), ("advertising", 1), ("all", 0)])
def test_an_opt_out_holds_at_once_for_pushes_that_wait(
    pushes: Pushes, official: str, env: Environment, wish: str, shown: int
) -> None:
    pushes.rule("ready", robot="official")
    device, token = pushes.device("openid-1", member="m-1")
    order = pushes.place(token, guest={"member": "m-1"})
    pushes.move(order)
    pushes.wechat.fail([Fault("unavailable", "message/")] * 2)
    pushes.carry()
    tag_at(env.clock())
    waiting = pushes.api("GET", f"/v1/outlets/guests/{official}/pushes{CHAIN}").json["pushes"]
    assert [push["state"] for push in waiting] == ["waiting", "waiting"]
    answer = device("PUT", "/v1/outlets/guest/opt-out", {"opted_out": wish}, key="k1")
    assert (answer.status, answer.json) == (200, {"opted_out": wish, "services": 1})
    pushes.wechat.fail([])
    later(env, 60)
    pushes.look()
    assert len(pushes.wechat.arrivals) == shown


def later(env: Environment, seconds: float) -> None:
    clock = env.clock
    env.clock = lambda: clock() + timedelta(seconds=seconds)
    vars(env).pop("outbox", None)


def test_a_forgotten_member_leaves_no_guest_and_no_words(pushes: Pushes, official: str, env: Environment) -> None:
    tag_at(env.clock())
    data = {"member": member_id("demo", "m-1"), "chain": "demo", "external_ids": ["m-1"]}
    give(message_of("member.forgotten", f"member/{data['member']}", data, env.clock()))
    assert code(pushes.api("GET", f"/v1/outlets/guests/{official}{CHAIN}")) == (404, "unknown_guest")
    with env.db.transaction() as transaction:
        [row] = transaction.rows("SELECT content, state FROM guest_pushes")
        left = [transaction.rows(f"SELECT 1 FROM {table}") for table in ("guest_contacts", "guest_rights")]
    assert (row["content"], row["state"], left) == ("", "sent", [(), ()] if isinstance(left[0], tuple) else [[], []])
    tag_at(env.clock(), sequence=9)
    assert len(pushes.wechat.arrivals) == 1


def test_a_merged_member_keeps_its_guests(pushes: Pushes, official: str, env: Environment) -> None:
    del official
    before, into = member_id("demo", "m-1"), member_id("demo", "m-9")
    data = {"member": before, "chain": "demo", "into": into}
    give(message_of("member.merged", f"member/{before}", data, env.clock()))
    tag_at(env.clock())
    assert pushes.wechat.arrivals == []
    give(tag_changed("m-9", "tier", "gold", env.clock()))
    assert [arrival.chat for arrival in pushes.wechat.arrivals] == ["follower-1"]


def test_another_chain_s_key_reaches_no_guest(pushes: Pushes, official: str) -> None:
    stranger = f"/v1/outlets/guests/{official}"
    assert code(pushes.api("GET", f"{stranger}?chain=rival")) == (403, "not_allowed")
    assert code(pushes.api("PUT", f"{stranger}/opt-out?chain=rival", {"opted_out": "all"})) == (403, "not_allowed")
