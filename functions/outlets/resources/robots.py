"""/v1/outlets/robots: accounts of chat services. Credentials are written, and never shown."""

import json
from dataclasses import replace
from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from functions.outlets.channels import CHANNELS
from functions.outlets.channels.contract import Channel, Setting
from functions.outlets.guests.contract import GuestService
from functions.outlets.guests.services import GUEST_SERVICES
from functions.outlets.resources.access import MANAGE, READ, ChainQuery, RobotPath, require
from functions.outlets.sending.robots import service_of
from functions.outlets.states import RobotState
from functions.outlets.tables.chats import read_is_used
from functions.outlets.tables.guest_rules import read_robot_has_rules
from functions.outlets.tables.robots import (
    StoredRobot,
    delete_robot,
    insert_robot,
    lock_robot,
    read_robot,
    read_robots_of_chain,
    robot_key,
    update_robot,
)
from functions.outlets.tables.slots import delete_slots
from shared.contracts.models import Input, Output
from shared.kit.addresses.url import parsed_url
from shared.kit.revision import require_match, require_no_match, tag_headers
from shared.spine.auth import cipher
from shared.spine.db import Transaction
from shared.spine.errors import Conflict, NotFound, Rejected
from shared.spine.http import Call, Reply

Value = Annotated[str, StringConstraints(min_length=1, max_length=2_000)]


class RobotIn(Input):
    """A robot. Without `credentials` those that are stored stay."""

    channel: Annotated[str, Field(examples=["telegram"], description="A name of GET /v1/outlets/channels.")]
    settings: Annotated[dict[str, Value], Field(max_length=20)] = {}
    credentials: Annotated[
        dict[str, Value] | None, Field(max_length=20, description="Stored encrypted. No reply shows them.")
    ] = None
    enabled: bool = True


class RobotDocument(Output):
    """A robot as it is stored, without its credentials. `callback`: the path to enter at the service.

    `not_before`: the service asked to wait. `failure` is the service's code while the robot is failing. `answer`: what
    the service last said to a message, `accepted` or its code.
    """

    robot: str
    chain: str
    channel: str
    settings: dict[str, str]
    has_credentials: bool
    enabled: bool
    revision: int
    state: RobotState
    failure: str | None
    failing_since: datetime | None
    not_before: datetime | None
    callback: str
    looked_at: datetime | None = None
    answered_at: datetime | None = None
    answer: str | None = None


class Robots(Output):
    """The robots of a chain."""

    robots: list[RobotDocument]


class RobotDeleted(Output):
    """The robot that was deleted."""

    robot: str


class SettingDocument(Output):
    """A value that a channel asks for."""

    name: str
    secret: bool
    help: str
    default: str | None


class ChannelDocument(Output):
    """A channel. `receipts`: it tells about delivery or reading. `buttons`: a pressed button names the person.

    `guests`: it reaches guests, and no outlet.
    """

    channel: str
    settings: list[SettingDocument]
    receipts: bool
    buttons: bool
    guests: bool = False


class Channels(Output):
    """The services that reach an outlet or a guest."""

    channels: list[ChannelDocument]


def list_channels(call: Call, query: ChainQuery) -> Reply:
    """List the channels, with the values that each asks for."""
    require(call, READ, query.chain)
    return Reply(Channels(channels=[*map(_channel, CHANNELS.values()), *map(_channel, GUEST_SERVICES.values())]))


def list_robots(call: Call, query: ChainQuery) -> Reply:
    """List the robots of a chain."""
    require(call, READ, query.chain)
    with call.env.db.transaction() as transaction:
        robots = read_robots_of_chain(transaction, query.chain)
    return Reply(Robots(robots=[robot_document(robot) for robot in robots]))


def get_robot(call: Call, path: RobotPath, query: ChainQuery) -> Reply:
    """Read a robot. `ETag` is for a change with `If-Match`."""
    require(call, READ, query.chain)
    with call.env.db.transaction() as transaction:
        robot = existing(read_robot(transaction, robot_key(query.chain, path.robot)), path.robot)
    return Reply(robot_document(robot), headers=tag_headers(robot.revision))


def put_robot(call: Call, path: RobotPath, query: ChainQuery, body: RobotIn) -> Reply:
    """Add a robot, or replace its settings. It is taken for working then, until the service says otherwise."""
    require(call, MANAGE, query.chain)
    channel = _known_channel(body.channel)
    settings = _checked_settings(call, channel, body)
    with call.once() as (work, stored):
        key = robot_key(query.chain, path.robot)
        before = lock_robot(work, key)
        after = _changed(call, key, body, settings, before)
        if before and (before.channel in CHANNELS) != (after.channel in CHANNELS):
            raise Conflict("robot_used", "A robot for chats becomes no account for guests. Take another name.")
        if before is None:
            require_no_match(call)
            insert_robot(work, after)
        else:
            require_match(call, before.revision)
            update_robot(work, after)
            if before.channel != after.channel:
                delete_slots(work, key)
        stored.reply = robot_document(after).model_dump_json()
    return Reply(stored.reply, headers=tag_headers(after.revision))


def remove_robot(call: Call, path: RobotPath, query: ChainQuery) -> Reply:
    """Delete a robot that no outlet uses."""
    require(call, MANAGE, query.chain)
    with call.once() as (work, stored):
        key = robot_key(query.chain, path.robot)
        existing(lock_robot(work, key), path.robot)
        if read_is_used(work, key):
            raise Conflict("robot_used", "An outlet has a chat of this robot. Change its chats first.")
        if read_robot_has_rules(work, key):
            raise Conflict("robot_used", "A rule for guests sends by this account. Change the rule first.")
        delete_robot(work, key)
        delete_slots(work, key)
        stored.reply = RobotDeleted(robot=path.robot).model_dump_json()
    return Reply(stored.reply)


def existing(robot: StoredRobot | None, name: str) -> StoredRobot:
    """Raises `NotFound` for None."""
    if robot is None:
        raise NotFound("unknown_robot", f"There is no robot {name} in this chain.")
    return robot


def require_chat_robot(transaction: Transaction, chain: str, robot: str) -> str:
    """The key of a robot that can write into a chat. Raises `NotFound`."""
    key = robot_key(chain, robot)
    stored = read_robot(transaction, key)
    if stored is None or stored.channel not in CHANNELS:
        raise NotFound("unknown_robot", f"There is no robot {robot} for chats in this chain.")
    return key


def robot_document(robot: StoredRobot) -> RobotDocument:
    """A robot without its secrets."""
    return RobotDocument(
        robot=robot.id,
        chain=robot.chain,
        channel=robot.channel,
        settings=robot.settings,
        has_credentials=bool(robot.credentials),
        enabled=robot.enabled,
        revision=robot.revision,
        state=robot.state,
        failure=robot.failure,
        failing_since=robot.failing_since,
        not_before=robot.not_before,
        callback=f"/outlets/callbacks/{robot.channel}/{robot.key}",
        looked_at=robot.looked_at,
        answered_at=robot.answered_at,
        answer=robot.answer,
    )


def missing_values(
    channel: Channel | GuestService, settings: dict[str, str], credentials: dict[str, str]
) -> list[Setting]:
    """The values without a default that the robot lacks."""
    given = settings | credentials
    return [setting for setting in channel.settings if setting.default is None and not given.get(setting.name)]


def _known_channel(name: str) -> Channel | GuestService:
    channel = service_of(name)
    if channel is None:
        names = ", ".join(sorted([*CHANNELS, *GUEST_SERVICES]))
        raise Rejected("unknown_channel", f"There is no channel {name}. Take one of {names}.")
    return channel


def _checked_settings(call: Call, channel: Channel | GuestService, body: RobotIn) -> dict[str, str]:
    """The settings with their defaults. Raises `Rejected` for unknown names and refused addresses."""
    public = {setting.name: setting for setting in channel.settings if not setting.secret}
    secret = {setting.name for setting in channel.settings if setting.secret}
    unknown = sorted((body.settings.keys() - public.keys()) | ((body.credentials or {}).keys() - secret))
    if unknown:
        raise Rejected("unknown_setting", f"The channel {channel.name} has no value {unknown[0]}.")
    defaults = {name: setting.default for name, setting in public.items() if setting.default is not None}
    settings = defaults | body.settings
    if "base_url" in settings:
        parsed_url(settings["base_url"], local=call.env.settings.stage == "local")
    if body.credentials is not None and (missing := missing_values(channel, settings, body.credentials)):
        raise Rejected("setting_missing", f"The channel {channel.name} needs {missing[0].name}: {missing[0].help}")
    return settings


def _changed(call: Call, key: str, body: RobotIn, settings: dict[str, str], before: StoredRobot | None) -> StoredRobot:
    moved = before is None or before.channel != body.channel or _base(before.settings) != _base(settings)
    if body.credentials is None and moved:
        # Stored credentials must not go to another address.
        raise Rejected("credentials_missing", "A new robot, and one with another address, needs its credentials.")
    credentials = before.credentials if before else b""
    if body.credentials is not None:
        credentials = cipher(call.env.keyring()).encrypt(json.dumps(body.credentials).encode())
    if before is None:
        return StoredRobot(key, body.channel, settings, credentials, body.enabled, 1)
    return replace(
        before,
        channel=body.channel,
        settings=settings,
        credentials=credentials,
        enabled=body.enabled,
        revision=before.revision + 1,
        not_before=None,
    )


def _base(settings: dict[str, str]) -> str | None:
    return settings.get("base_url")


def _channel(channel: Channel | GuestService) -> ChannelDocument:
    settings = [SettingDocument(**vars(setting)) for setting in channel.settings]
    return ChannelDocument(
        channel=channel.name,
        settings=settings,
        receipts=channel.receipts,
        buttons=channel.shows_tapper,
        guests=channel.name in GUEST_SERVICES,
    )
