"""Feishu group bot: open.feishu.cn/document/client-docs/bot-v3/add-custom-bot. It speaks and doesn't listen."""

import base64
import hmac
from datetime import datetime
from urllib.parse import quote

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
from functions.outlets.channels.replies import group, json_call, parsed, refused, text_at, wait_of
from functions.outlets.channels.text import card_text
from shared.kit.outside.exchange import Call, Reply

RESET_HEADER = "x-ogw-ratelimit-reset"
_CODES = (
    group(Failure.LATER, 9499, 11232, 99991400)
    | group(Failure.RIGHTS, 19021, 19022, 19023, 19024)
    | group(Failure.DEAD, 19001, 19006, 19007)
    | group(Failure.CONTENT, 19002, 10003)
)


class FeishuBot(BaseChannel):
    """A custom bot of one group: the address of the chat is not sent."""

    name = "feishu_bot"
    base_url = "https://open.feishu.cn"
    windows = (Window(100, 60, Scope.ROBOT), Window(5, 1, Scope.ROBOT))
    # The whole request has at most 20 KB. Quotes and line ends take two bytes in it.
    longest = Length(9000, Unit.BYTES)
    settings = (
        base_url_setting(base_url),
        Setting("key", secret=True, help="The last part of the bot's webhook address, after /hook/."),
        Setting("secret", secret=True, help="The secret of the bot's signature check.", default=""),
    )

    def send(self, robot: Robot, chat: str, card: Card, key: str, now: datetime) -> Call:
        """A signed text."""
        del chat, key
        content = {"text": without_mentions(card_text(card, self.longest))}
        message = {"msg_type": "text", "content": content, **_signature(robot, now)}
        path = robot.secret.get("key", "").strip().rsplit("/", 1)[-1]
        return json_call("POST", f"{self.base(robot)}/open-apis/bot/v2/hook/{quote(path, safe='')}", message)

    def outcome(self, reply: Reply) -> Outcome:
        """By `code`: refusals have status 200 too."""
        document = parsed(reply)
        if not isinstance(document, dict):
            return document
        code = text_at(document, "code") or text_at(document, "StatusCode")
        if code == "0":
            return Accepted()
        return refused(_CODES, code or "none", document.get("msg", ""), wait_of(reply, RESET_HEADER))


def without_mentions(text: str) -> str:
    """The text without the tag `<at …>`, by which a guest could call everybody in the group."""
    return text.replace("<at", "‹at").replace("</at", "‹/at")  # noqa: RUF001 -- it looks alike, and is no tag


def feishu_signature(secret: str, ts: int) -> str:
    """The key is the time and the secret, the content is empty."""
    return base64.b64encode(hmac.digest(f"{ts}\n{secret}".encode(), b"", "sha256")).decode()


def _signature(robot: Robot, now: datetime) -> dict[str, str]:
    secret, ts = robot.secret.get("secret", ""), int(now.timestamp())
    return {"timestamp": str(ts), "sign": feishu_signature(secret, ts)} if secret else {}
