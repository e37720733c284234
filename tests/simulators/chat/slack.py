"""Slack's Web API as a fake, from its public description: messages, buttons, events, and the check of an address."""

import itertools
import json
import math
from typing import Any, ClassVar
from urllib.parse import urlencode

import httpx

from tests.simulators.chat import signatures
from tests.simulators.chat.arrivals import Arrival, Button, Message
from tests.simulators.chat.fake import FakeChat, Refused
from tests.simulators.chat.windows import Window
from tests.simulators.http_system import Answer, Request, json_answer

TOKEN = "xoxb-fake-robot-"
LONGEST_TEXT, LONGEST_SECTION, LONGEST_VALUE, MOST_BLOCKS = 40_000, 3000, 2000, 50
TEAM, APP = "T0001", "A0001"
ERRORS = {
    "dead": "is_archived", "chat_not_found": "channel_not_found", "not_in_chat": "not_in_channel",
    "rights": "invalid_auth", "content": "invalid_blocks", "too_long": "msg_too_long", "empty": "no_text",
    "not_found": "unknown_method",
}  # fmt: skip


class Slack(FakeChat):
    """A robot is its token. `callback_tries` is three: Slack repeats what was not answered within 3 s."""

    channel: ClassVar[str] = "slack"
    limits: ClassVar[tuple[Window, ...]] = (Window(1, 1, "chat"),)
    callback_tries: ClassVar[int] = 3

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._ids = itertools.count(100)

    def robot(self, number: int) -> tuple[dict[str, str], dict[str, str]]:
        return {"base_url": self.url}, {"token": f"{TOKEN}{number}", "signing_secret": f"signing-secret-{number}"}

    def new_id(self) -> str:
        return f"{int(self.wall())}.{next(self._ids):06}"

    def answer(self, request: Request) -> Answer:
        robot = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not robot.startswith(TOKEN) or robot in self.robots_without_rights:
            raise Refused("rights")
        body = _parameters(request)
        method = request.path.removeprefix("/api/")
        if method == "chat.postMessage":
            return self._send(robot, body)
        if method == "auth.test":
            return json_answer({"ok": True, "url": "https://team.slack.com/", "team_id": TEAM, "user_id": "U0BOT"})
        if method == "conversations.info":
            return self._info(str(body["channel"]))
        raise Refused("not_found")

    def _info(self, chat: str) -> Answer:
        archived = chat in self.dead_chats
        return json_answer({"ok": True, "channel": {"id": chat, "is_archived": archived, "is_member": not archived}})

    def _send(self, robot: str, body: dict[str, Any]) -> Answer:
        text, buttons = body.get("text", ""), _read_blocks(body.get("blocks", []))
        if not text and not body.get("blocks"):
            raise Refused("empty")
        if len(text) > LONGEST_TEXT:
            raise Refused("too_long")
        shown = "\n".join(filter(None, [text, *_section_texts(body.get("blocks", []))]))
        arrival = self.show(Message(robot, str(body["channel"]), shown, buttons, group=True))
        return json_answer(
            {
                "ok": True,
                "channel": arrival.chat,
                "ts": arrival.message_id,
                "message": {"text": text, "type": "message"},
            }
        )

    def refusal(self, refused: Refused) -> Answer:
        if refused.kind == "later":
            wait = math.ceil(refused.detail or 1)
            return json_answer({"ok": False, "error": "ratelimited"}, 429, Retry_After=str(wait))
        return json_answer({"ok": False, "error": ERRORS[refused.kind]})

    # Callbacks

    def pressed(self, arrival: Arrival, value: str, person: str) -> httpx.Request:
        payload = {
            "type": "block_actions", "user": {"id": person, "username": person, "team_id": TEAM}, "api_app_id": APP,
            "token": "verification", "trigger_id": "1.2.3", "team": {"id": TEAM, "domain": "team"},
            "container": {"type": "message", "message_ts": arrival.message_id, "channel_id": arrival.chat},
            "channel": {"id": arrival.chat, "name": "operations"},
            "message": {"type": "message", "ts": arrival.message_id, "text": arrival.text},
            "response_url": f"{self.url}/actions/1", "actions": [
                {"type": "button", "action_id": "choice", "block_id": "b1", "value": value, "action_ts": self.new_id(),
                 "text": {"type": "plain_text", "text": _title(arrival, value)}}
            ],
        }  # fmt: skip
        body = urlencode({"payload": json.dumps(payload, ensure_ascii=False)}).encode()
        return self._signed(arrival.robot, body, "application/x-www-form-urlencoded")

    def written(self, chat: str, person: str, text: str) -> httpx.Request:
        event = {"type": "message", "channel": chat, "user": person, "text": text, "ts": self.new_id()}
        return self._event(event)

    def check_address(self, challenge: str = "challenge-1") -> httpx.Request:
        """The request by which Slack checks a new address: the answer holds the challenge."""
        body = json.dumps({"type": "url_verification", "token": "verification", "challenge": challenge}).encode()
        return self._signed("", body, "application/json")

    def _event(self, event: dict[str, Any]) -> httpx.Request:
        envelope = {
            "type": "event_callback", "token": "verification", "team_id": TEAM, "api_app_id": APP, "event": event,
            "event_id": f"Ev{next(self._ids):08}", "event_time": int(self.wall()),
        }  # fmt: skip
        return self._signed("", json.dumps(envelope, ensure_ascii=False).encode(), "application/json")

    def _signed(self, robot: str, body: bytes, kind: str) -> httpx.Request:
        secret = self.robot(int(robot.rpartition("-")[2] or 1))[1]["signing_secret"]
        now = int(self.wall())
        headers = {"X-Slack-Request-Timestamp": str(now), "X-Slack-Signature": signatures.slack(secret, now, body)}
        return self.post(body, {"Content-Type": kind, **headers})


def _parameters(request: Request) -> dict[str, Any]:
    if request.headers.get("content-type", "").startswith("application/json"):
        return dict(request.json())
    fields: dict[str, Any] = {**request.query, **request.form()}
    if isinstance(blocks := fields.get("blocks"), str):
        fields["blocks"] = json.loads(blocks)
    return fields


def _section_texts(blocks: list[dict[str, Any]]) -> list[str]:
    return [block["text"]["text"] for block in blocks if block["type"] in ("section", "header")]


def _read_blocks(blocks: list[dict[str, Any]]) -> tuple[Button, ...]:
    if len(blocks) > MOST_BLOCKS or any(len(text) > LONGEST_SECTION for text in _section_texts(blocks)):
        raise Refused("content")
    elements = [element for block in blocks if block["type"] == "actions" for element in block["elements"]]
    if any(len(element.get("value", "")) > LONGEST_VALUE for element in elements):
        raise Refused("content")
    return tuple(Button(element["text"]["text"], element.get("value"), element.get("url")) for element in elements)


def _title(arrival: Arrival, value: str) -> str:
    return next((button.title for button in arrival.buttons if button.value == value), value)
