"""/outlets/callbacks/{channel}/{robot}: callbacks of chat services. The channel proves that they are genuine."""

from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Annotated

from pydantic import Field

from functions.outlets.callbacks.events import store_events
from functions.outlets.channels import CHANNELS
from functions.outlets.channels.contract import Callback, Forged, Robot
from functions.outlets.guests.services import GUEST_SERVICES
from functions.outlets.pushing.events import store_guest_events
from functions.outlets.sending.robots import robot_of
from functions.outlets.tables.robots import StoredRobot, read_robot
from shared.contracts.models import Query
from shared.contracts.text import IDENTIFIER
from shared.kit.outside.exchange import Reply as Answer
from shared.spine import log
from shared.spine.env import Environment
from shared.spine.errors import NotFound, Rejected
from shared.spine.http import Reply


class CallbackPath(Query):
    """A channel, and a robot by `chain:robot`."""

    channel: Annotated[str, Field(pattern="^[a-z_]{1,32}$")]
    robot: Annotated[str, Field(pattern=f"^{IDENTIFIER}:{IDENTIFIER}$")]


class TransactionPath(CallbackPath):
    """A transaction of a Matrix homeserver. Its events have ids of their own, each of which counts once."""

    transaction: Annotated[str, Field(min_length=1, max_length=255)]


def get_callback(
    env: Environment, path: CallbackPath, headers: Mapping[str, str], url: str, arguments: Mapping[str, str]
) -> Reply:
    """The check of a service that the address is ours."""
    return _called(env, path, Callback("GET", dict(arguments), _lower(headers), url=url))


def post_callback(
    env: Environment,
    path: CallbackPath,
    headers: Mapping[str, str],
    url: str,
    arguments: Mapping[str, str],
    raw: bytes,
) -> Reply:
    """Receipts, pressed buttons and written words of a service."""
    return _called(env, path, Callback("POST", dict(arguments), _lower(headers), raw, url))


def put_transaction(
    env: Environment,
    path: TransactionPath,
    headers: Mapping[str, str],
    url: str,
    arguments: Mapping[str, str],
    raw: bytes,
) -> Reply:
    """Events of a Matrix homeserver, which adds its own path to the address of an application service."""
    return _called(env, path, Callback("PUT", dict(arguments), _lower(headers), raw, url))


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _called(env: Environment, path: CallbackPath, callback: Callback) -> Reply:
    with env.db.transaction() as transaction:
        stored = read_robot(transaction, path.robot)
    if stored is None or stored.channel != path.channel or not stored.enabled:
        raise NotFound("unknown_robot", "There is no such robot.")
    robot = robot_of(env, stored)
    # A proxy may change the address: the one that the robot's service was given is the one that it signs.
    seen = replace(callback, url=robot.settings.get("callback_url") or callback.url)
    try:
        answer = _answered(env, stored, robot, seen)
    except Forged as forged:
        log.logger().warning("forged callback", extra={"robot": path.robot, "reason": str(forged)})
        raise Rejected("forged", "The callback is not genuine.", status=HTTPStatus.UNAUTHORIZED) from None
    kind = answer.headers.get("content-type", "text/plain; charset=utf-8")
    return Reply(answer.body, answer.status, media_type=kind)


def _answered(env: Environment, stored: StoredRobot, robot: Robot, callback: Callback) -> Answer:
    """Store the events of a genuine callback. Raises `Forged`, and `NotFound` for a service of another version."""
    service, channel = GUEST_SERVICES.get(stored.channel), CHANNELS.get(stored.channel)
    if service:
        store_guest_events(env, stored, service.events(robot, callback, env.clock()))
        return service.answer(robot, callback)
    if channel is None:
        raise NotFound("unknown_robot", "There is no such robot.")
    shown = store_events(env, stored, channel.events(robot, callback, env.clock()))
    return channel.answer(robot, callback, shown)
