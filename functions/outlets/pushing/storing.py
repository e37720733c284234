"""Decisions about pushes are stored: the push, its right, and the health of the account and the guest."""

from dataclasses import replace
from datetime import datetime, timedelta

from functions.outlets.channels.contract import Failure, Refused
from functions.outlets.guests.consents import PushResult
from functions.outlets.guests.services import GUEST_SERVICES
from functions.outlets.health.watching import note_robot_working
from functions.outlets.pushing.ledger import settle_right
from functions.outlets.pushing.outcomes import PushDecision
from functions.outlets.sending.storing import note_robot_failing
from functions.outlets.states import PushState, RobotState
from functions.outlets.tables.guest_contacts import delete_contacts, lock_contact, update_gone
from functions.outlets.tables.guest_pushes import GuestPush, lock_result, update_push_outcome, update_push_result
from functions.outlets.tables.robots import delete_token, read_robot, update_not_before
from shared.spine.outbox import Work


def store_push(work: Work, decision: PushDecision, token: int, now: datetime) -> None:
    """Store what became of a push. The guest is locked first, as everywhere."""
    push = decision.push
    contact = lock_contact(work, push.contact)
    if not update_push_outcome(work, push, token):
        return
    robot = read_robot(work, push.robot)
    service = GUEST_SERVICES.get(robot.channel) if robot else None
    if contact and service and service.takes_rights:
        sent_at = push.sent_at or now
        settle_right(work, contact.id, push.template, push.try_id, decision.result, sent_at)
    if push.external:
        # The service may have told the result before its own reply was read.
        early = lock_result(work, push.robot, push.external)
        if early:
            update_push_result(work, with_result(push, early.result, early.detail, early.at))
    if decision.refusal:
        _store_refusal(work, push, decision.refusal, now)
    elif push.state is PushState.SENT and robot and robot.state is RobotState.FAILING:
        note_robot_working(work, push.robot, now)
    if decision.gone and contact:
        if contact.subscription is not None:
            delete_contacts(work, [contact.id])
        else:
            update_gone(work, contact.id, now)


def with_result(push: GuestPush, result: str, detail: str, at: datetime) -> GuestPush:
    """The push with the result that the service told."""
    is_shown = result == PushResult.SHOWN
    state = PushState.SHOWN if is_shown else PushState.FAILED
    return replace(push, state=state, reason=None if is_shown else detail[:64] or result, settled_at=at)


def _store_refusal(work: Work, push: GuestPush, refusal: Refused, now: datetime) -> None:
    if refusal.renew_token:
        delete_token(work, push.robot)
    elif refusal.failure is Failure.LATER and refusal.wait_seconds:
        update_not_before(work, push.robot, now + timedelta(seconds=refusal.wait_seconds))
    elif refusal.failure is Failure.RIGHTS:
        note_robot_failing(work, push.robot, refusal.code, now)
