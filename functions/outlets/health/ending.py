"""Open alerts whose cause is gone are ended: a message arrived since, a person is on call, or the chat is gone."""

from collections.abc import Callable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from functions.outlets.escalation.steps import NOBODY, ROLES
from functions.outlets.queueing.targets import NOTICE
from functions.outlets.sending.storing import CHAT_DEAD, CONTENT_REFUSED, NO_CHAT, PERSON_UNREACHED
from functions.outlets.states import ChatState
from functions.outlets.tables.alerts import Alert, read_open_of_kinds, update_alert_ended
from functions.outlets.tables.chats import read_chats_at
from functions.outlets.tables.message_checks import read_sent_since, read_sent_to_since
from functions.outlets.tables.people import read_on_call, read_people
from functions.outlets.tables.settings import read_enabled
from functions.outlets.tables.stores import read_stores
from shared.kit.isolation import Isolation
from shared.spine.db import Transaction
from shared.spine.env import Environment


def end_alerts(env: Environment) -> int:
    """End the alerts that are over. Returns their number. The operations chat hears of each as recovered."""
    now, ended = env.clock(), 0
    with env.db.statements() as statements:
        alerts = read_open_of_kinds(statements, tuple(_IS_OVER))
    with Isolation() as isolation:
        for alert in alerts:
            with isolation.isolate(alert.subject), env.db.transaction() as transaction:
                if _IS_OVER[alert.kind](transaction, alert, now):
                    ended += update_alert_ended(transaction, alert.chain, alert.kind, alert.subject, now)
    return ended


def _order_arrived(transaction: Transaction, alert: Alert, now: datetime) -> bool:
    """`subject` is an outlet."""
    del now
    is_left = not read_enabled(transaction, [alert.subject])
    return is_left or read_sent_since(transaction, alert.subject, NOTICE, alert.began_at)


def _content_taken(transaction: Transaction, alert: Alert, now: datetime) -> bool:
    """`subject` is an outlet and a robot."""
    del now
    store, _, robot = alert.subject.partition(" ")
    is_left = not read_enabled(transaction, [store])
    return is_left or read_sent_since(transaction, store, None, alert.began_at, robot=robot)


def _somebody_on_call(transaction: Transaction, alert: Alert, now: datetime) -> bool:
    """`subject` is an outlet and a step."""
    store, _, action = alert.subject.partition(" ")
    place = read_stores(transaction, [store]).get(store)
    day = now.astimezone(ZoneInfo(place.settings.timezone if place else "UTC")).date()
    roles = next((roles for kind, roles in ROLES.items() if kind == action), ())
    is_left = not read_enabled(transaction, [store])
    return is_left or bool(read_on_call(transaction, alert.chain, store, roles, day))


def _person_reached(transaction: Transaction, alert: Alert, now: datetime) -> bool:
    """`subject` is a robot and an address."""
    del now
    robot, _, address = alert.subject.partition(" ")
    is_listed = any((one.robot, one.address) == (robot, address) for one in read_people(transaction, alert.chain))
    return not is_listed or read_sent_to_since(transaction, robot, address, alert.began_at)


def _chat_left(transaction: Transaction, alert: Alert, now: datetime) -> bool:
    """`subject` is a robot and an address. A chat that lives again has ended its alert by itself."""
    del now
    robot, _, address = alert.subject.partition(" ")
    return all(chat.state is not ChatState.DEAD for chat in read_chats_at(transaction, robot, address))


_IS_OVER: Mapping[str, Callable[[Transaction, Alert, datetime], bool]] = {
    NO_CHAT: _order_arrived,
    CONTENT_REFUSED: _content_taken,
    NOBODY: _somebody_on_call,
    PERSON_UNREACHED: _person_reached,
    CHAT_DEAD: _chat_left,
}
