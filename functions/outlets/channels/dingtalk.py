"""DingTalk group robot: open.dingtalk.com/document/robots/custom-robot-access. It speaks and doesn't listen."""

import base64
from datetime import datetime
from http import HTTPStatus
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from functions.outlets.channels.base import BaseChannel, base_url_setting
from functions.outlets.channels.contract import (
    Accepted,
    Card,
    Failure,
    Length,
    Outcome,
    Refused,
    Robot,
    Scope,
    Setting,
    Unit,
    Window,
)
from functions.outlets.channels.genuine import hmac_sha256
from functions.outlets.channels.replies import group, json_call, parsed, refused, text_at
from functions.outlets.channels.text import card_text
from shared.kit.outside.exchange import Call, Reply

BAN_SECONDS = 600.0
_BANS = frozenset({"130101", "410100"})
_CODES = (
    group(Failure.LATER, -1, *_BANS)
    | group(Failure.RIGHTS, 310000)
    | group(Failure.DEAD, "group.disbanded", "bot.stopped", 400013, 400101, 400102, 400106)
    | group(Failure.CONTENT, 40035, 400105, 430101, 430102, 430103, 430104)
)


class DingTalk(BaseChannel):
    """A custom robot of one group: the address of the chat is not sent."""

    name = "dingtalk"
    base_url = "https://oapi.dingtalk.com"
    windows = (Window(20, 60, Scope.ROBOT),)
    longest = Length(6000, Unit.BYTES)
    settings = (
        base_url_setting(base_url),
        Setting("access_token", secret=True, help="The value after access_token= in the robot's webhook address."),
        Setting("secret", secret=True, help="The secret of the robot's signature, SEC….", default=""),
    )

    def send(self, robot: Robot, chat: str, card: Card, key: str, now: datetime) -> Call:
        """A signed text: in markdown the text of a guest could make links."""
        del chat, key
        secret, ms = robot.secret.get("secret", ""), int(now.timestamp() * 1000)
        query = urlencode({"access_token": _access_token(robot)})
        signed = f"&timestamp={ms}&sign={dingtalk_signature(secret, ms)}" if secret else ""
        message = {"msgtype": "text", "text": {"content": card_text(card, self.longest)}}
        return json_call("POST", f"{self.base(robot)}/robot/send?{query}{signed}", message)

    def outcome(self, reply: Reply) -> Outcome:
        """By `errcode`. A robot that goes on in its ban is redirected to a page."""
        if reply.status == HTTPStatus.FOUND:
            return Refused(Failure.LATER, "302", "banned for too many messages", BAN_SECONDS)
        document = parsed(reply)
        if not isinstance(document, dict):
            return document
        code, detail = text_at(document, "errcode"), text_at(document, "errmsg")
        if code == "0":
            return Accepted()
        dead = next((name for name in ("group.disbanded", "bot.stopped") if name in detail), code)
        return refused(_CODES, dead or "none", detail, BAN_SECONDS if code in _BANS else None)


def dingtalk_signature(secret: str, ms: int) -> str:
    """HMAC-SHA256 over time and secret, in base64, as a value of a query."""
    return quote(base64.b64encode(hmac_sha256(secret, f"{ms}\n{secret}".encode())).decode(), safe="")


def _access_token(robot: Robot) -> str:
    secret = robot.secret.get("access_token", "").strip()
    tokens = parse_qs(urlsplit(secret).query).get("access_token", []) if "://" in secret else []
    return tokens[0] if tokens else secret
