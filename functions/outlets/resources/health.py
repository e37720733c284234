"""/v1/outlets/health and the check of a robot: open alerts, waiting messages, and missing parts of the set-up."""

from dataclasses import replace
from datetime import datetime

from functions.outlets.channels import CHANNELS
from functions.outlets.channels.contract import Accepted, Refused, Scope
from functions.outlets.queueing.targets import ANNOUNCEMENTS, ORDERS, TALK
from functions.outlets.resources.access import READ, ChainQuery, RobotPath, require
from functions.outlets.resources.robots import RobotDocument, existing, missing_values, robot_document
from functions.outlets.sending.robots import ready_robots, robot_of, service_of
from functions.outlets.sending.windows import paces
from functions.outlets.tables.alerts import read_open_alerts
from functions.outlets.tables.holds import read_held_counts
from functions.outlets.tables.messages import read_waiting
from functions.outlets.tables.people import read_people
from functions.outlets.tables.robots import StoredRobot, read_robot, read_robots_of_chain, robot_key
from functions.outlets.tables.settings import read_chain
from functions.outlets.tables.slots import read_used_slots
from shared.contracts.models import Output
from shared.kit.outside.remote import post_from_outside
from shared.spine.db import Transaction
from shared.spine.env import Environment
from shared.spine.errors import Misconfigured
from shared.spine.http import Call, Reply

# The page of the check waits for it.
CHECK_SECONDS = 4.0


class AlertDocument(Output):
    """Something that is wrong since `began_at`."""

    kind: str
    subject: str
    detail: str
    began_at: datetime


class PaceDocument(Output):
    """A window of a robot: at most `slots` messages in `seconds`, of which `used` are in use now."""

    seconds: float
    slots: int
    used: int


class RobotHealth(Output):
    """A robot with its windows, the messages that wait for it, and the chats that its service asks to leave alone."""

    robot: RobotDocument
    paces: list[PaceDocument]
    orders_waiting: int
    announcements_waiting: int
    replies_waiting: int = 0
    chats_held: int = 0


class Health(Output):
    """The open alerts of a chain, and its robots."""

    alerts: list[AlertDocument]
    robots: list[RobotHealth]


class MissingDocument(Output):
    """A missing part of the set-up, and how to add it. `subject`: the robot or chat that it is about."""

    name: str
    help: str
    subject: str | None = None


class SetupCheck(Output):
    """The check of a robot's set-up. `ready`: nothing is missing."""

    robot: str
    ready: bool
    missing: list[MissingDocument]


def get_outlet_health(call: Call, query: ChainQuery) -> Reply:
    """Read what is wrong now, and the pace of each robot."""
    require(call, READ, query.chain)
    with call.env.db.transaction() as transaction:
        alerts = read_open_alerts(transaction, query.chain)
        robots = read_robots_of_chain(transaction, query.chain)
        rows = read_waiting(transaction, [robot.key for robot in robots])
        waiting = {(row["robot_key"], row["priority"]): row["messages"] for row in rows}
        held = read_held_counts(transaction, query.chain, call.env.clock())
        health = [_health(transaction, robot, waiting, held.get(robot.key, 0)) for robot in robots]
    documents = [
        AlertDocument(kind=one.kind, subject=one.subject, detail=one.detail, began_at=one.began_at) for one in alerts
    ]
    return Reply(Health(alerts=documents, robots=health))


def check_robot(call: Call, path: RobotPath, query: ChainQuery) -> Reply:
    """Check the set-up of a robot, ask its service where that shows nothing, and say what is missing."""
    require(call, READ, query.chain)
    with call.env.db.transaction() as transaction:
        robot = existing(read_robot(transaction, robot_key(query.chain, path.robot)), path.robot)
        chain = read_chain(transaction, query.chain)
        people = read_people(transaction, query.chain)
    missing = _missing(call, robot)
    if not (chain and chain.settings.get("link_base")):
        missing.append(
            MissingDocument(name="link_base", help="Set link_base in the rules: messages have no link without it.")
        )
    if not any(person.role == "operations" for person in people):
        missing.append(
            MissingDocument(name="operations", help="Add a person of the role operations, who hears of problems.")
        )
    return Reply(SetupCheck(robot=path.robot, ready=not missing, missing=missing))


def _missing(call: Call, robot: StoredRobot) -> list[MissingDocument]:
    channel = service_of(robot.channel)
    if channel is None:
        return [MissingDocument(name="channel", help=f"This version has no channel {robot.channel}.")]
    try:
        clear = robot_of(call.env, robot)
    except Misconfigured as fault:
        return [MissingDocument(name="credentials", help=f"{fault.detail} Enter the credentials again.")]
    found = missing_values(channel, dict(clear.settings), dict(clear.secret))
    if found:
        return [MissingDocument(name=setting.name, help=setting.help) for setting in found]
    return _of_service(call.env, robot)


def _of_service(env: Environment, robot: StoredRobot) -> list[MissingDocument]:
    """The service is asked where it has a call that shows nothing. Otherwise its last answer counts."""
    channel, now = CHANNELS.get(robot.channel), env.clock()
    ready = ready_robots(env, {robot.key: robot}, now).get(robot.key) if channel else None
    asked = channel.login(ready) if channel and ready else None
    failure = robot.failure
    if channel and asked:
        [answer] = post_from_outside(env, [replace(asked, seconds=CHECK_SECONDS)])
        outcome = channel.login_outcome(answer.reply) if answer.reply else None
        if not isinstance(outcome, Accepted | Refused):
            help_ = f"The service did not answer the check: {answer.lost or outcome}. Check again."
            return [MissingDocument(name="answer", help=help_)]
        failure = outcome.code if isinstance(outcome, Refused) else None
    elif channel and ready is None:
        failure = failure or "no access token"
    return [MissingDocument(name="login", help=f"The service refuses the robot: {failure}.")] if failure else []


def _health(
    transaction: Transaction, robot: StoredRobot, waiting: dict[tuple[str, int], int], held: int
) -> RobotHealth:
    channel = CHANNELS.get(robot.channel)
    found = paces(channel, robot.key, Scope.ROBOT, "", announces=False) if channel else []
    documents = []
    for pace in found:
        _, used = read_used_slots(transaction, pace.key, pace.window)
        documents.append(PaceDocument(seconds=pace.window / 1_000_000, slots=pace.slots, used=used))
    return RobotHealth(
        robot=robot_document(robot),
        paces=documents,
        orders_waiting=waiting.get((robot.key, ORDERS), 0),
        announcements_waiting=waiting.get((robot.key, ANNOUNCEMENTS), 0),
        replies_waiting=waiting.get((robot.key, TALK), 0),
        chats_held=held,
    )
