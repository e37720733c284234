"""DingTalk's group robot as a fake, from its public description: signed addresses, and ten minutes' ban."""

import time
from typing import Any, ClassVar
from urllib.parse import unquote

from tests.simulators.chat import signatures
from tests.simulators.chat.arrivals import Button, Message
from tests.simulators.chat.fake import FakeChat, Refused
from tests.simulators.chat.windows import Window
from tests.simulators.http_system import Answer, Request, json_answer

TOKEN = "fake-dingtalk-token-"
HOUR_MS = 3_600_000
LONGEST_BYTES = 20_000
BAN_SECONDS = 600.0
ERRORS = {
    "later": (130101, "send too fast, exceed 20 times per minute"),
    "rights": (310000, "sign not match, more: [https://ding-doc.dingtalk.com/doc#/serverapi2/qf2nxq]"),
    "stale": (310000, "invalid timestamp, more: [https://ding-doc.dingtalk.com/doc#/serverapi2/qf2nxq]"),
    "dead": (400013, "group.disbanded: the group has been disbanded"),
    "stopped": (400102, "bot.stopped: the robot has been stopped"),
    "token": (300005, "token is not exist"),
    "content": (40035, "Missing parameter json"),
    "too_long": (460101, "message too long, exceed 20000 bytes"),
}


class Dingtalk(FakeChat):
    """The chat of an arrival is the access_token of its robot: a robot has one group.

    The first message over the limit answers 130101. During the ban each request is answered with HTTP 302.
    """

    channel: ClassVar[str] = "dingtalk"
    limits: ClassVar[tuple[Window, ...]] = (Window(20, 60, "robot"),)
    ban_seconds: ClassVar[float] = BAN_SECONDS

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.stopped_robots: set[str] = set()

    def robot(self, number: int) -> tuple[dict[str, str], dict[str, str]]:
        return {"base_url": self.url}, {"access_token": f"{TOKEN}{number}", "secret": f"SECfake{number}"}

    def answer(self, request: Request) -> Answer:
        if request.path != "/robot/send":
            return Answer(404, b"not found", kind="text/plain")
        token = request.query.get("access_token", "")
        if not token.startswith(TOKEN):
            raise Refused("token")
        self._check_signature(token, request)
        if self.enforce and self.windows.banned(token, time.monotonic()):
            raise Refused("banned")
        if token in self.stopped_robots:
            raise Refused("stopped")
        return self._send(token, request)

    def _check_signature(self, token: str, request: Request) -> None:
        secret = self.robot(int(token.rpartition("-")[2]))[1]["secret"]
        stamp = int(request.query.get("timestamp", "0"))
        if abs(self.wall() * 1000 - stamp) > HOUR_MS:
            raise Refused("stale")
        if not signatures.same(unquote(signatures.dingtalk(secret, stamp)), request.query.get("sign", "")):
            raise Refused("rights")

    def _send(self, token: str, request: Request) -> Answer:
        if len(request.body) > LONGEST_BYTES:
            raise Refused("too_long")
        body = request.json()
        text, buttons = _read(body["msgtype"], body[body["msgtype"]])
        if not text.strip():
            raise Refused("content")
        self.show(Message(token, token, text, buttons, group=True, kind=body["msgtype"]))
        return json_answer({"errcode": 0, "errmsg": "ok"})

    def refusal(self, refused: Refused) -> Answer:
        if refused.kind == "banned":
            return Answer(302, b"", {"Location": "https://error.dingtalk.com/limit"}, kind="text/html")
        code, text = ERRORS[refused.kind]
        return json_answer({"errcode": code, "errmsg": text})


def _read(kind: str, content: dict[str, Any]) -> tuple[str, tuple[Button, ...]]:
    if kind == "text":
        return content["content"], ()
    if kind == "markdown":
        return f"{content['title']}\n{content['text']}", ()
    if kind == "link":
        return f"{content['title']}\n{content['text']}", (Button(content["title"], url=content["messageUrl"]),)
    if kind != "actionCard":
        raise Refused("content")
    text = f"{content['title']}\n{content['text']}"
    if "singleURL" in content:
        return text, (Button(content["singleTitle"], url=content["singleURL"]),)
    return text, tuple(Button(button["title"], url=button["actionURL"]) for button in content["btns"])
