"""LINE's Messaging API as a fake, from its public description: retry keys, quotas, and silence about blockers."""

import itertools
import json
import uuid
from typing import Any, ClassVar

import httpx

from tests.simulators.chat import signatures
from tests.simulators.chat.arrivals import Arrival, Button, Message
from tests.simulators.chat.fake import FakeChat, Refused
from tests.simulators.chat.windows import Window
from tests.simulators.http_system import Answer, Request, json_answer

TOKEN = "fake-line-token-"
LONGEST_TEXT, MOST_MESSAGES, LONGEST_TITLE, LONGEST_VALUE, LONGEST_TEMPLATE = 5000, 5, 20, 300, 160
DESTINATION = "U" + "0" * 32
MESSAGES = {
    "later": (429, "The API rate limit has been exceeded. Try again later."),
    "quota": (429, "You have reached your monthly limit."),
    "rights": (401, "Authentication failed due to the following reason: invalid token."),
    "dead": (400, "Failed to send messages"),
    "content": (400, "The request body has 1 error(s)"),
    "not_found": (404, "Not found"),
    "key": (400, "The 'X-Line-Retry-Key' header is invalid"),
}  # fmt: skip


class Line(FakeChat):
    """A robot is its token. Chats begin with U (person), C (group) or R (room).

    A push into a dead chat is answered with 200 and never shown; `/summary` and `/profile` answer 404.
    """

    channel: ClassVar[str] = "line"
    limits: ClassVar[tuple[Window, ...]] = (Window(2000, 1, "robot"),)
    native_key_seconds: ClassVar[float] = 86_400.0

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.quota: int | None = None
        self._ids = itertools.count(461230966842064897)

    def robot(self, number: int) -> tuple[dict[str, str], dict[str, str]]:
        return {"base_url": self.url}, {"token": f"{TOKEN}{number}", "channel_secret": f"channel-secret-{number}"}

    def new_id(self) -> str:
        return str(next(self._ids))

    def answer(self, request: Request) -> Answer:
        robot = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not robot.startswith(TOKEN) or robot in self.robots_without_rights:
            raise Refused("rights")
        if request.path == "/v2/bot/message/push":
            return self._push(robot, request)
        return self._look(request.path)

    def _look(self, path: str) -> Answer:
        parts = path.strip("/").split("/")
        if parts[-1] == "summary" and parts[-2] not in self.dead_chats:
            return json_answer({"groupId": parts[-2], "groupName": "Outlet"})
        if parts[2] == "profile" and parts[-1] not in self.dead_chats:
            return json_answer({"userId": parts[-1], "displayName": "Owner"})
        if path == "/v2/bot/info":
            return json_answer({"userId": DESTINATION, "basicId": "@fake", "displayName": "Orders", "chatMode": "bot"})
        if path == "/v2/bot/message/quota":
            return json_answer({"type": "limited", "value": self.quota} if self.quota is not None else {"type": "none"})
        if path == "/v2/bot/message/quota/consumption":
            return json_answer({"totalUsage": len(self.arrivals)})
        raise Refused("not_found")

    def _push(self, robot: str, request: Request) -> Answer:
        key, body = request.headers.get("x-line-retry-key"), request.json()
        if key and not _is_uuid(key):
            raise Refused("key")
        text, buttons = _read_messages(body["messages"])
        if self.quota is not None and len(self.arrivals) >= self.quota:
            raise Refused("quota")
        chat = str(body["to"])
        if chat[:1] not in ("U", "C", "R"):
            raise Refused("content", "The property, 'to', in the request body is invalid (line: -, column: -)")
        arrival = self.show(Message(robot, chat, text, buttons, key=key, group=not chat.startswith("U")))
        return json_answer(_sent(arrival), X_Line_Request_Id=str(uuid.uuid4()))

    def dead_answer(self, message: Message) -> None:
        """A push to a person who blocked the account is answered as any other."""
        del message

    def refusal(self, refused: Refused) -> Answer:
        if refused.kind == "repeated":
            message = {"message": "The retry key is already accepted", **_sent(refused.detail)}
            return json_answer(message, 409, X_Line_Accepted_Request_Id=str(uuid.uuid4()))
        status, text = MESSAGES[refused.kind]
        more = refused.detail if refused.kind == "content" else None
        details = {"details": [{"message": str(more), "property": "messages[0]"}]} if more else {}
        return json_answer({"message": text, **details}, status)

    # Callbacks

    def pressed(self, arrival: Arrival, value: str, person: str) -> httpx.Request:
        event = {"type": "postback", "replyToken": "reply-1", "postback": {"data": value}}
        return self.event(arrival.chat, person, event, arrival.robot)

    def written(self, chat: str, person: str, text: str) -> httpx.Request:
        message = {"id": self.new_id(), "type": "text", "quoteToken": "q", "text": text}
        return self.event(chat, person, {"type": "message", "replyToken": "reply-1", "message": message})

    def blocked(self, chat: str, *, blocked: bool) -> httpx.Request:
        names = ("unfollow", "follow") if chat.startswith("U") else ("leave", "join")
        return self.event(chat, "", {"type": names[0] if blocked else names[1]})

    def event(
        self, chat: str, person: str, event: dict[str, Any], robot: str = "", *, again: bool = False
    ) -> httpx.Request:
        """A signed event; `again` marks it as a redelivery."""
        whole = {
            **event, "mode": "active", "timestamp": int(self.wall() * 1000), "source": _source(chat, person),
            "webhookEventId": f"01FAKE{self.new_id()}", "deliveryContext": {"isRedelivery": again},
        }  # fmt: skip
        body = json.dumps({"destination": DESTINATION, "events": [whole]}, ensure_ascii=False).encode()
        return self._signed(robot, body)

    def check_address(self) -> httpx.Request:
        """The request of the button Verify: no events."""
        return self._signed("", json.dumps({"destination": DESTINATION, "events": []}).encode())

    def _signed(self, robot: str, body: bytes) -> httpx.Request:
        secret = self.robot(int(robot.rpartition("-")[2] or 1))[1]["channel_secret"]
        return self.post(
            body, {"Content-Type": "application/json; charset=utf-8", "x-line-signature": signatures.line(secret, body)}
        )


def _sent(arrival: Arrival) -> dict[str, Any]:
    return {"sentMessages": [{"id": arrival.message_id, "quoteToken": "q"}]}


def _source(chat: str, person: str) -> dict[str, str]:
    user = {"userId": person} if person else {}
    if chat.startswith("U"):
        return {"type": "user", "userId": chat}
    return (
        {"type": "group", "groupId": chat, **user} if chat.startswith("C") else {"type": "room", "roomId": chat, **user}
    )


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


def _read_messages(messages: list[dict[str, Any]]) -> tuple[str, tuple[Button, ...]]:
    if not 0 < len(messages) <= MOST_MESSAGES:
        raise Refused("content", "Size must be between 1 and 5")
    parts = [_read_message(message) for message in messages]
    return "\n".join(text for text, _ in parts), tuple(button for _, buttons in parts for button in buttons)


def _read_message(message: dict[str, Any]) -> tuple[str, tuple[Button, ...]]:
    if message["type"] == "text":
        return _bounded(message["text"], LONGEST_TEXT), ()
    if message["type"] == "template":
        template = message["template"]
        text = _bounded(template["text"], LONGEST_TEMPLATE)
        return text, tuple(_button(action) for action in template["actions"])
    if message["type"] == "flex":
        _bounded(message["altText"], 400)
        return "\n".join(_texts(message["contents"])), tuple(
            _button(action) for action in _actions(message["contents"])
        )
    if message["type"] in ("image", "video"):
        return f"[{message['type']}] {message['originalContentUrl']}", ()
    raise Refused("content", "Invalid message type")


def _texts(node: Any) -> list[str]:
    """The texts of a flex message, from top to bottom."""
    if isinstance(node, list):
        return [text for child in node for text in _texts(child)]
    if not isinstance(node, dict):
        return []
    own = [node["text"]] if node.get("type") in ("text", "span") and "text" in node else []
    return own + [text for child in node.values() for text in _texts(child)]


def _actions(node: Any) -> list[dict[str, Any]]:
    if isinstance(node, list):
        return [action for child in node for action in _actions(child)]
    if not isinstance(node, dict):
        return []
    own = [node["action"]] if isinstance(node.get("action"), dict) else []
    return own + [action for name, child in node.items() if name != "action" for action in _actions(child)]


def _button(action: dict[str, Any]) -> Button:
    title = _bounded(action["label"], LONGEST_TITLE * 2)
    if action["type"] == "postback":
        return Button(title, _bounded(action["data"], LONGEST_VALUE))
    return Button(title, url=action["uri"])


def _bounded(text: str, longest: int) -> str:
    if not text or len(text) > longest:
        raise Refused("content", f"Length must be between 1 and {longest}")
    return text
