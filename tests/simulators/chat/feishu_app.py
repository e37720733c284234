"""Feishu's app as a fake, from its public description: tenant tokens, cards, readers, encrypted callbacks."""

import itertools
import json
import math
import secrets
from typing import Any, ClassVar

import httpx

from tests.simulators.chat import signatures
from tests.simulators.chat.arrivals import Arrival, Message
from tests.simulators.chat.fake import FakeChat, Refused
from tests.simulators.chat.feishu_cards import read_content
from tests.simulators.chat.tokens import Tokens
from tests.simulators.chat.windows import Window
from tests.simulators.http_system import Answer, Request, json_answer

APP, SECRET = "cli_fake", "fake-app-secret-"
HOUR_SECONDS = 3600.0
LONGEST_KEY = 50
LONGEST_BYTES = {"text": 150_000}
LONGEST_CARD = 30_000
TOO_MANY = 99991400
ERRORS = {
    "later": (429, TOO_MANY, "request trigger frequency limit"),
    "token": (400, 99991663, "Invalid access token for authorization. Please make a request with token attached."),
    "rights": (400, 99991672, "Access denied. One of the following scopes is required: [im:message:send_as_bot]."),
    "secret": (200, 10014, "app secret invalid"),
    "dead": (400, 230002, "Bot/User can NOT be out of the chat."),
    "content": (400, 230001, "Your request contains an invalid request parameter."),
    "not_found": (404, 99991404, "404 page not found"),
}


class FeishuApp(FakeChat):
    """A robot is its app id. Events are encrypted and signed. `verification_token` stands in their header."""

    channel: ClassVar[str] = "feishu_app"
    limits: ClassVar[tuple[Window, ...]] = (Window(1000, 60, "robot"), Window(50, 1, "robot"), Window(5, 1, "chat"))
    native_key_seconds: ClassVar[float] = HOUR_SECONDS
    callback_tries: ClassVar[int] = 1

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.tokens = Tokens()
        self.readers: dict[str, list[str]] = {}
        self._ids = itertools.count(1)

    def robot(self, number: int) -> tuple[dict[str, str], dict[str, str]]:
        hidden = {
            "app_secret": f"{SECRET}{number}",
            "encrypt_key": f"encrypt-key-{number}",
            "verification_token": f"verification-{number}",
        }
        return {"base_url": self.url, "app_id": f"{APP}{number}"}, hidden

    def new_id(self) -> str:
        return f"om_fake{next(self._ids):08}"

    def forget_sessions(self) -> None:
        self.tokens.forget()

    def session_lost(self, request: Request) -> Answer:
        del request
        return self.refusal(Refused("token"))

    def answer(self, request: Request) -> Answer:
        if request.path == "/open-apis/auth/v3/tenant_access_token/internal":
            return self._token(request.json())
        value = request.headers.get("authorization", "").removeprefix("Bearer ")
        robot = self.tokens.owner(value, self.wall())
        if not robot:
            raise Refused("token")
        if robot in self.robots_without_rights:
            raise Refused("rights")
        if request.path == "/open-apis/im/v1/messages" and request.method == "POST":
            return self._send(robot, request.json())
        return self._look(request)

    def _token(self, body: dict[str, Any]) -> Answer:
        number = body["app_id"].removeprefix(APP)
        if body["app_secret"] != f"{SECRET}{number}":
            raise Refused("secret")
        token = self.tokens.fetch(body["app_id"], self.wall(), again=False)
        seconds = int(token.ends - self.wall())
        return json_answer({"code": 0, "msg": "ok", "tenant_access_token": token.value, "expire": seconds})

    def _look(self, request: Request) -> Answer:
        parts = request.path.removeprefix("/open-apis/").split("/")
        if parts[-1] == "read_users":
            people = [{"user_id_type": "open_id", "user_id": person} for person in self.readers.get(parts[-2], [])]
            return _ok({"items": people, "has_more": False})
        if parts[:3] == ["im", "v1", "chats"]:
            if parts[3] in self.dead_chats:
                raise Refused("dead")
            return _ok({"name": "Outlet", "chat_status": "normal"})
        if parts[:3] == ["bot", "v3", "info"]:
            return json_answer({"code": 0, "msg": "ok", "bot": {"app_name": "Orders", "activate_status": 2}})
        raise Refused("not_found")

    def _send(self, robot: str, body: dict[str, Any]) -> Answer:
        kind, key = body["msg_type"], body.get("uuid")
        if len(key or "") > LONGEST_KEY or len(body["content"].encode()) > LONGEST_BYTES.get(kind, LONGEST_CARD):
            raise Refused("content")
        text, buttons = read_content(kind, json.loads(body["content"]))
        chat = str(body["receive_id"])
        arrival = self.show(Message(robot, chat, text, buttons, key=key, group=chat.startswith("oc_"), kind=kind))
        return self._sent(arrival)

    def _sent(self, arrival: Arrival) -> Answer:
        made = str(int(arrival.wall * 1000))
        return _ok({"message_id": arrival.message_id, "chat_id": arrival.chat, "create_time": made})

    def refusal(self, refused: Refused) -> Answer:
        if refused.kind == "repeated":
            return self._sent(refused.detail)
        status, code, text = ERRORS[refused.kind]
        answer = {"code": code, "msg": text}
        if refused.kind != "later":
            return json_answer(answer, status)
        wait = str(math.ceil(refused.detail or 1))
        return json_answer(answer, status, x_ogw_ratelimit_limit="1000", x_ogw_ratelimit_reset=wait)

    # Callbacks

    def pressed(self, arrival: Arrival, value: str, person: str) -> httpx.Request:
        event = {
            "operator": {"tenant_key": "tenant", "open_id": person, "user_id": person},
            "token": "c-fake", "action": {"value": _object(value), "tag": "button"}, "host": "im_message",
            "context": {"open_message_id": arrival.message_id, "open_chat_id": arrival.chat},
        }  # fmt: skip
        return self._event("card.action.trigger", event, arrival.robot)

    def received(self, arrival: Arrival, kind: str) -> httpx.Request:
        """A message to one person was read. Feishu has no receipt of a delivery."""
        if kind != "read":
            raise NotImplementedError("Feishu has no receipt of a delivery.")
        reader = {"reader_id": {"open_id": arrival.chat}, "read_time": str(int(self.wall() * 1000))}
        event = {"reader": reader, "message_id_list": [arrival.message_id]}
        return self._event("im.message.message_read_v1", event, arrival.robot)

    def written(self, chat: str, person: str, text: str) -> httpx.Request:
        message = {
            "message_id": self.new_id(), "create_time": str(int(self.wall() * 1000)), "chat_id": chat,
            "chat_type": "group", "message_type": "text", "content": json.dumps({"text": text}, ensure_ascii=False),
        }  # fmt: skip
        sender = {"sender_id": {"open_id": person}, "sender_type": "user", "tenant_key": "tenant"}
        return self._event("im.message.receive_v1", {"sender": sender, "message": message})

    def blocked(self, chat: str, *, blocked: bool) -> httpx.Request:
        name = "im.chat.member.bot.deleted_v1" if blocked else "im.chat.member.bot.added_v1"
        return self._event(name, {"chat_id": chat, "operator_id": {"open_id": "person-1"}})

    def check_address(self, challenge: str = "challenge-1") -> httpx.Request:
        """The encrypted request by which Feishu checks a new address: the answer holds the challenge."""
        body = {"challenge": challenge, "token": self.secrets["verification_token"], "type": "url_verification"}
        return self._sealed(body, 1)

    def _event(self, name: str, event: dict[str, Any], app: str = "") -> httpx.Request:
        number = int(app.removeprefix(APP) or 1)
        header = {
            "event_id": secrets.token_hex(16), "event_type": name, "create_time": str(int(self.wall() * 1000)),
            "token": self.robot(number)[1]["verification_token"], "tenant_key": "tenant", "app_id": f"{APP}{number}",
        }  # fmt: skip
        return self._sealed({"schema": "2.0", "header": header, "event": event}, number)

    def _sealed(self, document: dict[str, Any], number: int) -> httpx.Request:
        key = self.robot(number)[1]["encrypt_key"]
        encrypted = signatures.feishu_encrypt(key, json.dumps(document, ensure_ascii=False))
        body, now, nonce = json.dumps({"encrypt": encrypted}).encode(), int(self.wall()), secrets.token_hex(8)
        headers = {
            "Content-Type": "application/json", "X-Lark-Request-Timestamp": str(now), "X-Lark-Request-Nonce": nonce,
            "X-Lark-Signature": signatures.feishu_event(key, now, nonce, body),
        }  # fmt: skip
        return self.post(body, headers)


def _object(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value


def _ok(data: dict[str, Any]) -> Answer:
    return json_answer({"code": 0, "msg": "success", "data": data})
