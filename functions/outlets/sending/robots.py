"""Robots that are ready to send: secrets decrypted, and with an access token where the channel has one."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from cryptography.fernet import InvalidToken

from functions.outlets.channels import CHANNELS
from functions.outlets.channels.contract import Channel, Failure, Refused, Robot, Token
from functions.outlets.guests.contract import GuestService
from functions.outlets.guests.services import GUEST_SERVICES
from functions.outlets.sending.storing import note_robot_failing
from functions.outlets.tables.robots import StoredRobot, read_robots, update_token, update_token_leased
from shared.kit.outside.remote import post_from_outside
from shared.spine import log
from shared.spine.auth import cipher
from shared.spine.db import Locked
from shared.spine.env import Environment
from shared.spine.errors import DumbwaiterError, Misconfigured

# A token is renewed before its end, so that a message that is sent now arrives with a good one.
RENEWED_BEFORE = timedelta(minutes=5)
TOKEN_LEASE = timedelta(seconds=20)
UNREADABLE = "credentials_unreadable"


def robot_of(env: Environment, stored: StoredRobot) -> Robot:
    """A robot with its secrets in clear. Raises `Misconfigured`."""
    return Robot(
        stored.key,
        stored.channel,
        stored.settings,
        {name: str(value) for name, value in json.loads(_clear(env, stored.credentials)).items()},
        _clear(env, stored.token).decode() if stored.token else None,
    )


def ready_robots(env: Environment, keys: Mapping[str, StoredRobot], now: datetime) -> dict[str, Robot]:
    """Those of the robots that can send now. One whose token another worker fetches is left for the next round.

    A fault of one robot stops no other one, because robots of many chains are made ready together.
    """
    ready: dict[str, Robot] = {}
    for key, stored in keys.items():
        try:
            robot = _ready(env, stored, now)
        except Locked:
            log.logger().info("a robot is left for the next round", extra={"robot": key})
        except DumbwaiterError as fault:
            if fault.code != UNREADABLE:
                raise
            _note_not_ready(env, stored, UNREADABLE)
        except Exception as fault:  # noqa: BLE001 - as the function says
            log.bug(fault, "a robot is not ready")
            _note_not_ready(env, stored, "robot_broken")
        else:
            ready |= {key: robot} if robot else {}
    return ready


def _ready(env: Environment, stored: StoredRobot, now: datetime) -> Robot | None:
    channel = service_of(stored.channel)
    if channel is None:
        return None
    robot = robot_of(env, stored)
    if channel.token(robot) is None or _is_fresh(stored, now):
        return robot
    return _with_token(env, stored, robot, now) or _with_old_token(stored, robot, now)


def _note_not_ready(env: Environment, stored: StoredRobot, code: str) -> None:
    """Operations hear of a robot that cannot be used. It is noted once."""
    if stored.failure == code:
        return
    with suppress(Locked), env.outbox.work("outlets") as work:
        note_robot_failing(work, stored.key, code, env.clock())


def service_of(name: str) -> Channel | GuestService | None:
    """The service of an account: one that reaches outlets, or one that reaches guests."""
    return CHANNELS.get(name) or GUEST_SERVICES.get(name)


def robot_at_once(env: Environment, stored: StoredRobot, now: datetime) -> Robot | None:
    """The robot, if it needs no call for a token. None also where its secrets can't be read."""
    channel = CHANNELS.get(stored.channel)
    try:
        robot = robot_of(env, stored)
    except Misconfigured:
        return None
    if channel is None or (channel.token(robot) is not None and not _is_fresh(stored, now)):
        return None
    return robot


def _is_fresh(stored: StoredRobot, now: datetime) -> bool:
    return stored.token_until is not None and stored.token_until > now + RENEWED_BEFORE


def _with_old_token(stored: StoredRobot, robot: Robot, now: datetime) -> Robot | None:
    """The robot while its present token lasts, because another worker fetches the next one."""
    return robot if stored.token_until and stored.token_until > now else None


def _with_token(env: Environment, stored: StoredRobot, robot: Robot, now: datetime) -> Robot | None:
    """The robot with a new token. One worker alone fetches it: a second one would end the first."""
    with env.db.transaction() as transaction:
        lease = update_token_leased(transaction, stored.key, now + RENEWED_BEFORE, now, now + TOKEN_LEASE)
    channel = service_of(stored.channel)
    call = channel.token(robot) if channel else None
    if lease is None or channel is None or call is None:
        return None
    [answer] = post_from_outside(env, [call])
    outcome = channel.token_outcome(answer.reply) if answer.reply else None
    if not isinstance(outcome, Token):
        _note_no_token(env, stored, outcome)
        return None
    with env.db.transaction() as transaction:
        encrypted = cipher(env.keyring()).encrypt(outcome.value.encode())
        is_newest = update_token(transaction, stored, lease, encrypted, now + timedelta(seconds=outcome.seconds))
    # A worker whose lease has ended must not send with a token that a later fetch may have ended.
    return replace(robot, token=outcome.value) if is_newest else None


def _note_no_token(env: Environment, stored: StoredRobot, outcome: object) -> None:
    log.logger().warning("no access token", extra={"robot": stored.key, "outcome": type(outcome).__name__})
    if isinstance(outcome, Refused) and outcome.failure is Failure.RIGHTS:
        with env.outbox.work("outlets") as work:
            note_robot_failing(work, stored.key, outcome.code, env.clock())


def read_ready_robot(env: Environment, key: str, now: datetime) -> Robot | None:
    """One robot that can send now."""
    with env.db.transaction() as transaction:
        stored = read_robots(transaction, [key])
    return ready_robots(env, stored, now).get(key)


def _clear(env: Environment, encrypted: bytes) -> bytes:
    try:
        return cipher(env.keyring()).decrypt(encrypted)
    except InvalidToken:
        raise Misconfigured(UNREADABLE, "No key of the keyring decrypts the credentials.") from None
