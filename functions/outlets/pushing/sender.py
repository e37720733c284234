"""Pushes that are due are sent: claimed by a lease, decided again under the guest's lock, and each right taken first.

A push is marked as being sent just before its call. A worker that is killed before leaves it waiting, and one that is
killed later leaves it in doubt.
"""

import json
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from functions.outlets.channels.contract import Robot
from functions.outlets.guests.contract import Push
from functions.outlets.guests.rule_settings import GuestRuleIn, rule_of
from functions.outlets.guests.rules import SERVICE_TRIGGERS, Verdict
from functions.outlets.guests.services import GUEST_SERVICES
from functions.outlets.pushing.browsers import opened_subscription
from functions.outlets.pushing.ledger import take_right
from functions.outlets.pushing.outcomes import PushDecision, decide_push, lost_push
from functions.outlets.pushing.queueing import decision_for
from functions.outlets.pushing.storing import store_push
from functions.outlets.sending.calls import post_calls
from functions.outlets.sending.robots import ready_robots
from functions.outlets.states import PushState
from functions.outlets.tables.guest_contacts import Contact, lock_contact
from functions.outlets.tables.guest_pushes import (
    GuestPush,
    claim_lost_pushes,
    claim_pushes,
    read_due_pushes,
    update_push_outcome,
    update_push_sending,
)
from functions.outlets.tables.guest_rules import GuestRule, read_guest_rules
from functions.outlets.tables.robots import read_robots
from shared.kit.isolation import Isolation
from shared.kit.outside.exchange import Call
from shared.spine import log
from shared.spine.db import Locked, Transaction
from shared.spine.env import Environment

# Longer than the calls of a round take.
LEASE = timedelta(seconds=45)
AT_ONCE = 40
# A lock is held for a transaction, which a killed worker ends after ten seconds at the latest.
STORE_SECONDS, STORE_PAUSE = 20.0, 0.1


@dataclass
class _Round:
    """The pushes that this worker holds, their accounts and the rules of their chains."""

    token: int
    now: datetime
    robots: dict[str, Robot] = field(default_factory=dict)
    rules: dict[tuple[str, str], tuple[GuestRule, GuestRuleIn]] = field(default_factory=dict)

    def is_mass(self, push: GuestPush) -> bool:
        """Whether many guests get such a message at once."""
        rules = self.rules.get((push.chain, push.rule))
        return rules is not None and rules[1].cause not in SERVICE_TRIGGERS


def send_pushes(
    env: Environment, pushes: Sequence[str] | None = None, meanwhile: Callable[[], object] | None = None
) -> int:
    """Send these pushes, or those that are due. Returns the number of calls."""
    now = env.clock()
    sending = _Round(secrets.randbits(63) or 1, now)
    with env.db.statements() as statements:
        due = list(pushes) if pushes is not None else read_due_pushes(statements, now, AT_ONCE)
        claimed = claim_pushes(statements, due[:AT_ONCE], sending.token, now, now + LEASE)
        if not claimed:
            return 0
        stored = read_robots(statements, {push.robot for push in claimed})
        for chain in {push.chain for push in claimed}:
            sending.rules |= {
                (chain, one.id): (one, rule_of(one.settings)) for one in read_guest_rules(statements, chain)
            }
    usable = {key: robot for key, robot in stored.items() if robot.enabled}
    sending.robots = ready_robots(env, usable, now)
    started = [pair for push in claimed if (pair := _started(env, sending, push)) is not None]
    answers = post_calls(env, [call for _, call in started], meanwhile)
    ended, until = env.clock(), time.monotonic() + STORE_SECONDS
    # A fault of one push must not lose the replies to those of other guests and chains.
    with Isolation() as isolation:
        for (push, _), answer in zip(started, answers, strict=True):
            with isolation.isolate(push.id):
                service = GUEST_SERVICES[sending.robots[push.robot].channel]
                decision = decide_push(service, push, answer, ended, mass=sending.is_mass(push))
                _store(env, decision, sending.token, ended, until)
    return len(started)


def _started(env: Environment, sending: _Round, push: GuestPush) -> tuple[GuestPush, Call] | None:
    """The push with its call; None where it is not sent now."""
    robot = sending.robots.get(push.robot)
    try:
        with env.outbox.work("outlets") as work:
            contact = lock_contact(work, push.contact)
            stopped = _stopped(work, sending, push, contact, robot)
            if stopped is not None or contact is None or robot is None:
                update_push_outcome(work, stopped or push, sending.token)
                return None
            call = _call(env, sending, robot, push, contact)
            if isinstance(call, str):
                failed = replace(push, state=PushState.FAILED, reason="no_value", detail=call[:200])
                update_push_outcome(work, replace(failed, settled_at=sending.now), sending.token)
                return None
            started = replace(push, state=PushState.SENDING, attempts=push.attempts + 1, sent_at=sending.now)
            if not update_push_sending(work, push.id, sending.token, sending.now):
                return None
            if _takes_right(robot) and not take_right(work, contact.id, push.template, started.try_id):
                dropped = replace(started, state=PushState.DROPPED, reason="no_consent", settled_at=sending.now)
                update_push_outcome(work, dropped, sending.token)
                return None
    except Locked:
        log.logger().info("a push is left for the next look", extra={"push": push.id})
        return None
    return started, call


def _stopped(
    work: Transaction, sending: _Round, push: GuestPush, contact: Contact | None, robot: Robot | None
) -> GuestPush | None:
    """The push as it stays where it is not sent now. The guest's wishes count as they are at this moment."""
    dropped = replace(push, state=PushState.DROPPED, settled_at=sending.now)
    if contact is None or not push.content:
        return replace(dropped, reason="forgotten")
    rules = sending.rules.get((push.chain, push.rule))
    if rules is None or not rules[1].enabled:
        return replace(dropped, reason="no_rule")
    decision = decision_for(work, contact, *rules, push.id, push.caused_at, sending.now)
    if decision.verdict is Verdict.DROP:
        return replace(dropped, reason=decision.reason)
    if decision.verdict is Verdict.WAIT and decision.at:
        return replace(push, due_at=decision.at)
    if robot is None or robot.channel not in GUEST_SERVICES:
        # Another worker fetches the token, or the account lost its secret.
        return replace(push, due_at=sending.now + timedelta(seconds=5))
    return None


def _call(env: Environment, sending: _Round, robot: Robot, push: GuestPush, contact: Contact) -> Call | str:
    """The call, or why there is none."""
    content = json.loads(push.content)
    useless_after = sending.rules[push.chain, push.rule][1].rule.useless_after
    seconds = int((push.caused_at + useless_after - sending.now).total_seconds())
    try:
        browser = opened_subscription(env, contact)
        message = Push(
            push.id, contact.address, push.template, content["values"], content["page"], max(1, seconds), browser
        )
        return GUEST_SERVICES[robot.channel].send(robot, message, env.clock())
    except ValueError as fault:
        return str(fault)


def _takes_right(robot: Robot) -> bool:
    return GUEST_SERVICES[robot.channel].takes_rights


def _store(env: Environment, decision: PushDecision, token: int, now: datetime, until: float) -> None:
    """Store an outcome. After a lock it is tried again, because a lost outcome leaves the guest's right in doubt.

    `until` is the end of the tries, on the monotonic clock.
    """
    while True:
        try:
            with env.outbox.work("outlets") as work:
                store_push(work, decision, token, now)
            break
        except Locked:
            if time.monotonic() >= until:
                raise
            time.sleep(STORE_PAUSE)
    push = decision.push
    about = {"push": push.id, "robot": push.robot, "state": push.state, "reason": push.reason}
    log.logger().info("push", extra=about)


def settle_lost_pushes(env: Environment) -> int:
    """Pushes of killed workers. Returns their number."""
    now, token, until = env.clock(), secrets.randbits(63) or 1, time.monotonic() + STORE_SECONDS
    with env.db.statements() as statements:
        pushes = claim_lost_pushes(statements, token, now, now + LEASE)
        robots = read_robots(statements, {push.robot for push in pushes})
    for push in pushes:
        stored = robots.get(push.robot)
        service = GUEST_SERVICES.get(stored.channel) if stored else None
        if service:
            _store(env, lost_push(service, push, now), token, now, until)
    return len(pushes)
