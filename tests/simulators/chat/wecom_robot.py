"""WeCom's group robot as a fake, from its public description: a robot is a key, and has one group."""

import itertools
from typing import Any, ClassVar

from tests.simulators.chat.arrivals import Button, Message
from tests.simulators.chat.fake import FakeChat, Refused
from tests.simulators.chat.windows import Window
from tests.simulators.http_system import Answer, Request, json_answer

KEY = "fake-key-of-robot-"
SECONDS_AFTER_TOO_MANY = 60.0
LONGEST = {"text": 2048, "markdown": 4096, "markdown_v2": 4096}
ERRORS = {
    "later": (45009, "api freq out of limit"),
    "banned": (45009, "api freq out of limit"),
    "busy": (-1, "system busy"),
    "at_once": (45033, "concurrent calls exceed limit"),
    "dead": (93000, "invalid webhook url"),
    "rights": (93000, "invalid webhook url"),
    "content": (40058, "invalid Request Parameter"),
    "empty": (44004, "text message content is empty"),
    "too_long": (45002, "message content size out of limit"),
    "kind": (40008, "invalid message type"),
}


class WecomRobot(FakeChat):
    """The chat of an arrival is the key of its robot, as the service knows no other address."""

    channel: ClassVar[str] = "wecom_robot"
    limits: ClassVar[tuple[Window, ...]] = (Window(20, 60, "robot"),)
    ban_seconds: ClassVar[float] = SECONDS_AFTER_TOO_MANY

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._files = itertools.count(1)

    def robot(self, number: int) -> tuple[dict[str, str], dict[str, str]]:
        return {"base_url": self.url}, {"key": f"{KEY}{number}"}

    def answer(self, request: Request) -> Answer:
        key = request.query.get("key", "")
        if not key.startswith(KEY):
            raise Refused("dead")
        if request.path == "/cgi-bin/webhook/upload_media":
            kind = request.query["type"]
            return json_answer({"errcode": 0, "errmsg": "ok", "type": kind, "media_id": f"media-{next(self._files)}"})
        if request.path != "/cgi-bin/webhook/send":
            return Answer(404, b"404 page not found", kind="text/plain")
        return self._send(key, request.json())

    def _send(self, key: str, body: dict[str, Any]) -> Answer:
        kind = body["msgtype"]
        text, buttons = _read(kind, body[kind])
        if not text.strip():
            raise Refused("empty")
        if len(text.encode()) > LONGEST.get(kind, 4096):
            raise Refused("too_long")
        self.show(Message(key, key, text, buttons, group=True, kind=kind))
        return json_answer({"errcode": 0, "errmsg": "ok"})

    def refusal(self, refused: Refused) -> Answer:
        code, text = ERRORS[refused.kind]
        more = f", {refused.detail}" if refused.kind == "content" and refused.detail else ""
        hint = "hint: [1795264205123456789012345], from ip: 127.0.0.1, more info at https://open.work.weixin.qq.com/devtool/query?e="
        return json_answer({"errcode": code, "errmsg": f"{text}{more}, {hint}{code}"})


def _read(kind: str, content: dict[str, Any]) -> tuple[str, tuple[Button, ...]]:
    if kind in LONGEST:
        return content["content"], ()
    if kind == "news":
        articles = content["articles"]
        return "\n".join(article["title"] for article in articles), tuple(
            Button(article["title"], url=article["url"]) for article in articles
        )
    if kind == "template_card":
        return _card(content)
    if kind in ("file", "image", "voice"):
        return f"[{kind}] {content.get('media_id') or content.get('md5')}", ()
    raise Refused("kind")


def _card(card: dict[str, Any]) -> tuple[str, tuple[Button, ...]]:
    title = card["main_title"]
    lines = [title.get("title", ""), title.get("desc", ""), card.get("sub_title_text", "")]
    lines += [f"{row['keyname']}: {row.get('value', '')}" for row in card.get("horizontal_content_list", [])]
    jumps = [Button(jump["title"], url=jump.get("url")) for jump in card.get("jump_list", [])]
    action = card.get("card_action", {})
    jumps += [Button("open", url=action["url"])] if action.get("url") else []
    return "\n".join(line for line in lines if line), tuple(jumps)
