"""Telegram's Bot API as a fake, from its public description. A chat with a negative id is a group."""

import hashlib
import itertools
import json
import math
from typing import Any, ClassVar

import httpx

from tests.simulators.chat.arrivals import Arrival, Button, Message
from tests.simulators.chat.fake import FakeChat, Refused
from tests.simulators.chat.windows import Window
from tests.simulators.http_system import Answer, Request, json_answer

LONGEST_TEXT, LONGEST_VALUE = 4096, 64
SENDERS = {"sendMessage": "text", "sendDocument": "caption", "sendPhoto": "caption"}


class Telegram(FakeChat):
    """A robot is the token in the path."""

    channel: ClassVar[str] = "telegram"
    limits: ClassVar[tuple[Window, ...]] = (Window(30, 1, "robot"), Window(1, 1, "chat"), Window(20, 60, "group"))
    callback_tries: ClassVar[int] = 3

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._ids = itertools.count(1)
        self._updates = itertools.count(1000)
        self.callback_answers: list[str] = []

    def robot(self, number: int) -> tuple[dict[str, str], dict[str, str]]:
        token = f"{700000 + number}:fake-token-of-robot-{number}"
        return {"base_url": self.url}, {"token": token, "callback_secret": f"callback-secret-{number}"}

    def new_id(self) -> str:
        return str(next(self._ids))

    def answer(self, request: Request) -> Answer:
        _, bot, method = request.path.split("/")
        robot = bot.removeprefix("bot")
        if not bot.startswith("bot") or ":fake-token-of-robot-" not in robot or robot in self.robots_without_rights:
            raise Refused("rights")
        body = _parameters(request)
        if method in SENDERS:
            return self._send(robot, str(body["chat_id"]), str(body.get(SENDERS[method], "")), body)
        return _ok(self._other(method, robot, body))

    def _other(self, method: str, robot: str, body: dict[str, Any]) -> Any:
        if method == "getMe":
            return {
                "id": int(robot.partition(":")[0]),
                "is_bot": True,
                "first_name": "Orders",
                "username": "orders_bot",
            }
        if method == "getChat":
            return self._chat(str(body["chat_id"]))
        if method == "answerCallbackQuery":
            self.callback_answers.append(body["callback_query_id"])
        elif method in ("setWebhook", "editMessageReplyMarkup", "editMessageText", "deleteMessage"):
            pass
        else:
            raise Refused("not_found")
        return True

    def _chat(self, chat: str) -> dict[str, Any]:
        if chat in self.moved_chats:
            raise Refused("moved", self.moved_chats[chat])
        if chat in self.dead_chats:
            raise Refused("dead" if chat.startswith("-") else "chat_not_found")
        return _chat(chat)

    def _send(self, robot: str, chat: str, text: str, body: dict[str, Any]) -> Answer:
        buttons = _buttons(body.get("reply_markup") or {})
        _check(text, buttons, wants_text=not ({"document", "photo"} & body.keys()))
        arrival = self.show(Message(robot, chat, text, buttons, group=chat.startswith("-")))
        return _ok(_message(arrival))

    def refusal(self, refused: Refused) -> Answer:
        if refused.kind in ("later", "banned"):
            wait = math.ceil(refused.detail or 1)
            return _no(429, f"Too Many Requests: retry after {wait}", {"retry_after": wait}, Retry_After=str(wait))
        if refused.kind == "moved":
            address = {"migrate_to_chat_id": int(refused.detail)}
            return _no(400, "Bad Request: group chat was upgraded to a supergroup chat", address)
        if refused.kind == "content":
            return _no(400, f"Bad Request: {refused.detail or 'message text is empty'}")
        code, text = {
            "dead": (403, "Forbidden: bot was kicked from the group chat"),
            "blocked": (403, "Forbidden: bot was blocked by the user"),
            "chat_not_found": (400, "Bad Request: chat not found"),
            "rights": (401, "Unauthorized"),
            "not_found": (404, "Not Found"),
        }[refused.kind]
        return _no(code, text)

    def dead_answer(self, message: Message) -> Refused:
        return Refused("dead" if message.group else "blocked")

    # Callbacks

    def pressed(self, arrival: Arrival, value: str, person: str) -> httpx.Request:
        query = {
            "id": str(next(self._updates) + 10**12), "from": _person(person), "message": _message(arrival),
            "chat_instance": "1", "data": value,
        }  # fmt: skip
        return self._update(arrival.robot, {"callback_query": query})

    def written(self, chat: str, person: str, text: str) -> httpx.Request:
        message = {"message_id": int(self.new_id()), "from": _person(person), "chat": _chat(chat)}
        return self._update(None, {"message": {**message, "date": int(self.wall()), "text": text}})

    def blocked(self, chat: str, *, blocked: bool) -> httpx.Request:
        before, after = ("member", "kicked") if blocked else ("kicked", "member")
        bot = {"id": 700001, "is_bot": True, "first_name": "Orders"}
        change = {
            "chat": _chat(chat), "from": _person("person-1"), "date": int(self.wall()),
            "old_chat_member": {"user": bot, "status": before}, "new_chat_member": {"user": bot, "status": after},
        }  # fmt: skip
        return self._update(None, {"my_chat_member": change})

    def _update(self, token: str | None, update: dict[str, Any]) -> httpx.Request:
        number = int(token.rpartition("-")[2]) if token else 1
        secret = self.robot(number)[1]["callback_secret"]
        body = json.dumps({"update_id": next(self._updates), **update}, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json", "X-Telegram-Bot-Api-Secret-Token": secret}
        return self.post(body, headers)


def person_id(person: str) -> int:
    """Telegram's people have numbers."""
    return int(person) if person.isdigit() else int(hashlib.sha256(person.encode()).hexdigest()[:8], 16)


def _parameters(request: Request) -> dict[str, Any]:
    kind = request.headers.get("content-type", "")
    if kind.startswith("application/json"):
        return dict(request.json())
    fields: dict[str, Any] = {**request.query, **(request.form() if "urlencoded" in kind else {})}
    if isinstance(markup := fields.get("reply_markup"), str):
        fields["reply_markup"] = json.loads(markup)
    return fields


def _buttons(markup: dict[str, Any]) -> tuple[Button, ...]:
    rows = markup.get("inline_keyboard", [])
    return tuple(Button(key["text"], key.get("callback_data"), key.get("url")) for row in rows for key in row)


def _check(text: str, buttons: tuple[Button, ...], *, wants_text: bool) -> None:
    if wants_text and not text.strip():
        raise Refused("content", "message text is empty")
    if len(text) > LONGEST_TEXT:
        raise Refused("content", "message is too long")
    if any(len((button.value or "").encode()) > LONGEST_VALUE for button in buttons):
        raise Refused("content", "BUTTON_DATA_INVALID")
    if any(not button.value and not button.url for button in buttons):
        raise Refused("content", "can't parse inline keyboard button: Text buttons are unallowed")


def _person(person: str) -> dict[str, Any]:
    return {"id": person_id(person), "is_bot": False, "first_name": person, "language_code": "en"}


def _chat(chat: str) -> dict[str, Any]:
    if chat.startswith("-"):
        return {"id": int(chat), "title": "Outlet", "type": "supergroup" if chat.startswith("-100") else "group"}
    return {"id": int(chat) if chat.isdigit() else chat, "first_name": "Owner", "type": "private"}


def _message(arrival: Arrival) -> dict[str, Any]:
    chat = _chat(arrival.chat)
    return {"message_id": int(arrival.message_id), "date": int(arrival.wall), "chat": chat, "text": arrival.text}


def _ok(result: Any) -> Answer:
    return json_answer({"ok": True, "result": result})


def _no(code: int, text: str, parameters: dict[str, Any] | None = None, **headers: str) -> Answer:
    more = {"parameters": parameters} if parameters else {}
    return json_answer({"ok": False, "error_code": code, "description": text, **more}, code, **headers)
