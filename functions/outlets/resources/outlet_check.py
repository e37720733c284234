"""/v1/outlets/stores/{outlet}/check: what an outlet lacks, before an order is lost by it."""

from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from functions.outlets.escalation.steps import ROLES
from functions.outlets.resources.access import READ, ChainQuery, OutletPath, require_outlet
from functions.outlets.resources.health import MissingDocument
from functions.outlets.resources.outlets import unknown_outlet
from functions.outlets.rules.settings import Action, Rules, rules_of
from functions.outlets.states import ChatState, RobotState
from functions.outlets.tables.chats import Chat, read_chats
from functions.outlets.tables.people import read_on_call
from functions.outlets.tables.robots import StoredRobot, read_robots
from functions.outlets.tables.settings import read_chain, read_outlet
from functions.outlets.tables.stores import read_stores
from shared.contracts.models import Output
from shared.spine.db import Transaction
from shared.spine.http import Call, Reply

OPERATIONS = "operations"


class OutletCheck(Output):
    """The check of an outlet's set-up. `ready`: nothing is missing."""

    outlet: str
    ready: bool
    missing: list[MissingDocument]


@dataclass(frozen=True)
class _SetUp:
    """The set-up of an outlet: its rules, chats and robots, and the roles that have a person on call today."""

    enabled: bool
    rules: Rules
    chats: list[Chat]
    robots: dict[str, StoredRobot]
    roles: frozenset[str]


def check_outlet(call: Call, path: OutletPath, query: ChainQuery) -> Reply:
    """Check the set-up of an outlet: chats, robots, link, and people for each step of its escalation."""
    with call.env.db.transaction() as transaction:
        key = require_outlet(call, transaction, READ, query.chain, path.outlet)
        set_up = _read(transaction, query.chain, key, call)
    missing = [*_of_chats(set_up), *_of_people(set_up)]
    return Reply(OutletCheck(outlet=path.outlet, ready=not missing, missing=missing))


def _read(transaction: Transaction, chain: str, key: str, call: Call) -> _SetUp:
    outlet, stored = read_outlet(transaction, key), read_chain(transaction, chain)
    if outlet is None:
        raise unknown_outlet()
    store = read_stores(transaction, [key]).get(key)
    today = call.env.clock().astimezone(ZoneInfo(store.settings.timezone if store else "UTC")).date()
    chats = read_chats(transaction, [key])[key]
    roles = {role for each in ROLES.values() for role in each}
    return _SetUp(
        outlet.enabled,
        rules_of(stored.settings if stored else None, outlet.settings),
        chats,
        read_robots(transaction, {chat.robot for chat in chats}),
        frozenset(person.role for person in read_on_call(transaction, chain, key, sorted(roles), today)),
    )


def _of_chats(set_up: _SetUp) -> Iterator[MissingDocument]:
    if not set_up.enabled:
        yield MissingDocument(name="disabled", help="The outlet is switched off. Set enabled to true.")
    if not set_up.chats:
        yield MissingDocument(name="chat", help="The outlet has no chat. Add one.")
    elif all(chat.state is ChatState.DEAD for chat in set_up.chats):
        yield MissingDocument(name="living_chat", help="All chats are dead. Add a new chat, or repair one.")
    for chat in set_up.chats:
        if chat.state is ChatState.DEAD:
            yield MissingDocument(
                name="dead_chat",
                help=f"The chat takes no messages: {chat.failure}. Invite the robot again, then save the chats.",
                subject=chat.address,
            )
    yield from _of_robots(set_up)
    if not set_up.rules.link_base:
        yield MissingDocument(name="link_base", help="Set link_base in the rules: messages have no link without it.")


def _of_robots(set_up: _SetUp) -> Iterator[MissingDocument]:
    for robot in set_up.robots.values():
        if not robot.enabled:
            yield MissingDocument(name="robot_disabled", help="The robot is switched off.", subject=robot.id)
        if robot.state is RobotState.FAILING:
            text = f"The service refuses the robot: {robot.failure}. Log it in again."
            yield MissingDocument(name="robot_failing", help=text, subject=robot.id)
    if set_up.rules.again_seconds is not None and len(set_up.robots) == 1:
        yield MissingDocument(
            name="second_robot",
            help="All chats are of one robot. Add a chat of a second one, which still works when the first fails.",
        )


def _of_people(set_up: _SetUp) -> Iterator[MissingDocument]:
    seconds = {
        Action.CALL: set_up.rules.call_seconds,
        Action.SECOND: set_up.rules.second_seconds,
        Action.HEAD_OFFICE: set_up.rules.head_office_seconds,
    }
    for action, after in seconds.items():
        if after is not None and not set_up.roles.intersection(ROLES[action]):
            text = f"Nobody of the role {' or '.join(ROLES[action])} is on call today. The step reaches nobody."
            yield MissingDocument(name=f"nobody_{action}", help=text)
    if OPERATIONS not in set_up.roles:
        text = "Add a person of the role operations, who hears of problems."
        yield MissingDocument(name="operations", help=text)
