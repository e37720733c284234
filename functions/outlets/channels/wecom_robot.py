"""WeCom group robot: developer.work.weixin.qq.com/document/path/91770. It speaks into one internal group."""

from datetime import datetime
from urllib.parse import parse_qs, quote, urlsplit

from functions.outlets.channels.base import BaseChannel, base_url_setting
from functions.outlets.channels.contract import (
    Accepted,
    Card,
    Failure,
    Length,
    Outcome,
    Robot,
    Scope,
    Setting,
    Unit,
    Window,
)
from functions.outlets.channels.replies import group, json_call, parsed, refused, text_at
from functions.outlets.channels.text import card_text
from shared.kit.outside.exchange import Call, Reply

_WAITS = {"45009": 60.0}
_CODES = (
    group(Failure.LATER, -1, 45009, 45033)
    | group(Failure.DEAD, 93000)
    | group(Failure.CONTENT, 40058, 44004, 45002, 45008)
)


class WecomRobot(BaseChannel):
    """A robot is a key of one group: the address of the chat is not sent."""

    name = "wecom_robot"
    base_url = "https://qyapi.weixin.qq.com"
    windows = (Window(20, 60, Scope.ROBOT),)
    longest = Length(2048, Unit.BYTES)
    settings = (
        base_url_setting(base_url),
        Setting("key", secret=True, help="The value after key= in the robot's webhook address."),
    )

    def send(self, robot: Robot, chat: str, card: Card, key: str, now: datetime) -> Call:
        """A text message: in markdown the text of a guest could make links."""
        del chat, key, now
        url = f"{self.base(robot)}/cgi-bin/webhook/send?key={quote(robot_key(robot), safe='')}"
        return json_call("POST", url, {"msgtype": "text", "text": {"content": card_text(card, self.longest)}})

    def outcome(self, reply: Reply) -> Outcome:
        """By `errcode`: refusals have status 200 too."""
        return wecom_outcome(reply, _CODES)


def wecom_outcome(reply: Reply, codes: dict[str, Failure]) -> Outcome:
    """The outcome by `errcode`, for every API of WeCom."""
    document = parsed(reply)
    if not isinstance(document, dict):
        return document
    code = text_at(document, "errcode")
    if code == "0":
        return Accepted(text_at(document, "msgid") or None)
    return refused(codes, code or "none", document.get("errmsg", ""), _WAITS.get(code))


def robot_key(robot: Robot) -> str:
    """The key. People paste the whole address of the webhook: its key is taken out."""
    secret = robot.secret.get("key", "").strip()
    keys = parse_qs(urlsplit(secret).query).get("key", []) if "://" in secret else []
    return keys[0] if keys else secret
