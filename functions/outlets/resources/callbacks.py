"""/outlets/callbacks/{channel}/{robot}: callbacks of chat services. The channel proves that they are genuine."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated

from pydantic import Field

from functions.outlets.callbacks.events import store_events
from functions.outlets.channels import CHANNELS
from functions.outlets.channels.contract import Callback, Forged
from functions.outlets.sending.robots import robot_of
from functions.outlets.tables.robots import read_robot
from shared.contracts.models import Query
from shared.contracts.text import IDENTIFIER
from shared.spine import log
from shared.spine.env import Environment
from shared.spine.errors import NotFound, Rejected
from shared.spine.http import Reply


class CallbackPath(Query):
    """A channel, and a robot by `chain:robot`."""

    channel: Annotated[str, Field(pattern="^[a-z_]{1,32}$")]
    robot: Annotated[str, Field(pattern=f"^{IDENTIFIER}:{IDENTIFIER}$")]


def get_callback(
    env: Environment, path: CallbackPath, headers: Mapping[str, str], arguments: Mapping[str, str]
) -> Reply:
    """The check of a service that the address is ours."""
    return _called(env, path, "GET", headers, arguments, b"")


def post_callback(
    env: Environment, path: CallbackPath, headers: Mapping[str, str], arguments: Mapping[str, str], raw: bytes
) -> Reply:
    """Receipts, pressed buttons and written words of a service."""
    return _called(env, path, "POST", headers, arguments, raw)


def _called(
    env: Environment,
    path: CallbackPath,
    method: str,
    headers: Mapping[str, str],
    arguments: Mapping[str, str],
    raw: bytes,
) -> Reply:
    with env.db.transaction() as transaction:
        stored = read_robot(transaction, path.robot)
    channel = CHANNELS.get(path.channel)
    if stored is None or channel is None or stored.channel != path.channel or not stored.enabled:
        raise NotFound("unknown_robot", "There is no such robot.")
    robot = robot_of(env, stored)
    lower = {name.lower(): value for name, value in headers.items()}
    callback = Callback(method, dict(arguments), lower, raw)
    try:
        events = channel.events(robot, callback, env.clock())
    except Forged as forged:
        log.logger().warning("forged callback", extra={"robot": path.robot, "reason": str(forged)})
        raise Rejected("forged", "The callback is not genuine.", status=HTTPStatus.UNAUTHORIZED) from None
    shown = store_events(env, stored, events)
    answer = channel.answer(robot, callback, shown)
    kind = answer.headers.get("content-type", "text/plain; charset=utf-8")
    return Reply(answer.body, answer.status, media_type=kind)
