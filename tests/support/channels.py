"""Robots, replies and callbacks for the tests of channels; the vectors of outside documents share these values."""

import json
from datetime import UTC, datetime
from typing import Any

from functions.outlets.channels import CHANNELS
from functions.outlets.channels.contract import Callback, Card, Failure, Refused, Robot
from shared.kit.outside.exchange import Call, Reply

SECRET = "secret"
TS = 1795264205
NONCE = "nonce1"
BODY = b'{"a":1}'
NOW = datetime.fromtimestamp(TS, UTC)


def robot_of(channel: str, *, bearer: str | None = None, **values: str) -> Robot:
    """A robot that has `values`, as settings or as secrets, whichever the channel says."""
    secrets = {setting.name for setting in CHANNELS[channel].settings if setting.secret}
    settings = {name: value for name, value in values.items() if name not in secrets}
    return Robot("r1", channel, settings, {name: values[name] for name in secrets & set(values)}, bearer)


def reply_of(document: object, status: int = 200, **headers: str) -> Reply:
    """A JSON reply."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, named, json.dumps(document).encode())


def failure_of(channel: str, document: object, status: int = 200, **headers: str) -> Failure | None:
    """The class of the refusal; None for another outcome."""
    outcome = CHANNELS[channel].outcome(reply_of(document, status, **headers))
    return outcome.failure if isinstance(outcome, Refused) else None


def callback_of(document: object, method: str = "POST", url: str = "", **headers: str) -> Callback:
    """A callback with a JSON body."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return Callback(method, {}, named, body, url)


def sent(channel: str, card: Card, *, chat: str = "c1", key: str = "k1", robot: Robot | None = None) -> Call:
    """The call that shows a card."""
    return CHANNELS[channel].send(robot or robot_of(channel), chat, card, key, NOW)


def body_of(call: Call | Reply) -> Any:
    """The JSON of a call."""
    return json.loads(call.body)
