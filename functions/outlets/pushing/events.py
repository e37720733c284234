"""Events of an account's callbacks → consents, results of pushes, and followers. Each event counts once."""

from collections.abc import Sequence
from datetime import datetime

from functions.outlets.guests.accounts import CALLBACK
from functions.outlets.guests.contract import Consented, Followed, GuestEvent, PushSettled
from functions.outlets.pushing.contacts import contact_at
from functions.outlets.pushing.ledger import add_accept, add_refusal
from functions.outlets.pushing.storing import with_result
from functions.outlets.states import PushState
from functions.outlets.tables.guest_contacts import update_followed
from functions.outlets.tables.guest_pushes import insert_result, lock_push_by_external, update_push_result
from functions.outlets.tables.robots import StoredRobot
from shared.spine.db import Transaction
from shared.spine.env import Environment


def store_guest_events(env: Environment, robot: StoredRobot, events: Sequence[GuestEvent]) -> None:
    """Store events, each in a transaction of its own."""
    for event in events:
        with env.db.transaction() as transaction:
            _store(transaction, robot, event, env.clock())


def _store(transaction: Transaction, robot: StoredRobot, event: GuestEvent, now: datetime) -> None:
    match event:
        case Consented():
            _consented(transaction, robot, event, now)
        case PushSettled():
            _settled(transaction, robot, event, now)
        case Followed():
            contact = contact_at(transaction, robot, event.openid, now)
            update_followed(transaction, contact.id, event.at, follows=event.follows)


def _consented(transaction: Transaction, robot: StoredRobot, event: Consented, now: datetime) -> None:
    """A refusal always counts. An accept counts once: where the mini-program tells accepts, the callback's do not."""
    contact = contact_at(transaction, robot, event.openid, now)
    if not event.accepted:
        add_refusal(transaction, contact.id, event.template, event.at)
    elif robot.settings.get("accepts_from", CALLBACK) == CALLBACK:
        add_accept(transaction, contact.id, event.template, event.event_id, event.at)


def _settled(transaction: Transaction, robot: StoredRobot, event: PushSettled, now: datetime) -> None:
    """The first result stays. It may come before the reply to the push: then it waits in its table."""
    if not insert_result(transaction, robot.key, event.message_id, event.result, event.detail, now):
        return
    push = lock_push_by_external(transaction, robot.key, event.message_id)
    if push and push.state is PushState.SENT:
        update_push_result(transaction, with_result(push, event.result, event.detail, event.at))
