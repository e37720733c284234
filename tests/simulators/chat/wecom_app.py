"""WeCom's self-built app as a fake, from its public description: tokens, cards with buttons, silent drops."""

import itertools
import secrets
from typing import Any, ClassVar

import httpx

from tests.simulators.chat.arrivals import Arrival, Button, Message
from tests.simulators.chat.fake import FakeChat, Refused
from tests.simulators.chat.tokens import Tokens
from tests.simulators.chat.wecom_callbacks import Envelope, document
from tests.simulators.chat.windows import Window
from tests.simulators.http_system import Answer, Request, json_answer

CORP, SECRET = "wwfakecorp", "fake-corp-secret-"
FIRST_AGENT = 1000001
DUPLICATE_SECONDS = 1800.0
CARD_SECONDS = 72 * 3600
LONGEST_BYTES, MOST_BUTTONS, LONGEST_VALUE = 2048, 6, 1024
ERRORS = {
    "later": (45009, "api freq out of limit"),
    "token": (40014, "invalid access_token"),
    "token_ended": (42001, "access_token expired"),
    "rights": (60011, "no privilege to access/modify contact/party/agent"),
    "address": (60020, "not allow to access from your ip"),
    "secret": (40001, "invalid credential"),
    "dead": (81013, "user & party & tag all invalid"),
    "no_person": (60111, "userid not found"),
    "dead_chat": (86001, "invalid chatid"),
    "content": (40058, "invalid Request Parameter"),
    "empty": (44004, "text message content is empty"),
    "used_card": (42014, "response_code has been used"),
    "not_found": (40066, "invalid url"),
}


class WecomApp(FakeChat):
    """A robot is an agent id. A chat is a person's id, or `chat-…` for a group that the app made.

    Messages over the limit of a member or a group are answered with 0 and never shown.
    """

    channel: ClassVar[str] = "wecom_app"
    limits: ClassVar[tuple[Window, ...]] = (
        Window(30, 60, "chat"),
        Window(1000, 3600, "chat"),
        Window(200, 60, "group"),
    )
    drops_over_the_limit: ClassVar[bool] = True
    native_key_seconds: ClassVar[float] = DUPLICATE_SECONDS
    callback_tries: ClassVar[int] = 3

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.tokens = Tokens()
        self._ids = itertools.count(1)
        self._cards: dict[str, float] = {}
        self._tasks: dict[str, str] = {}

    def robot(self, number: int) -> tuple[dict[str, str], dict[str, str]]:
        public = {"base_url": self.url, "corp_id": CORP, "agent_id": str(FIRST_AGENT + number)}
        key = f"{number:03}defghijklmnopqrstuvwxyz0123456789ABCDEFG"
        hidden = {
            "corp_secret": f"{SECRET}{number}",
            "callback_token": f"callback-token-{number}",
            "encoding_aes_key": key,
        }
        return public, hidden

    def new_id(self) -> str:
        return f"fakemsg{next(self._ids):08}"

    def forget_sessions(self) -> None:
        self.tokens.forget()

    def session_lost(self, request: Request) -> Answer:
        del request
        return self.refusal(Refused("token"))

    def answer(self, request: Request) -> Answer:
        if request.path == "/cgi-bin/gettoken":
            return self._token(request)
        robot = self._robot_of(request)
        if request.path == "/cgi-bin/message/send":
            return self._send(robot, request.json())
        if request.path == "/cgi-bin/appchat/send":
            return self._send_group(robot, request.json())
        if request.path == "/cgi-bin/message/update_template_card":
            return self._update(request.json())
        return self._look(request)

    def _token(self, request: Request) -> Answer:
        secret = request.query.get("corpsecret", "")
        if request.query.get("corpid") != CORP or not secret.startswith(SECRET):
            raise Refused("secret")
        agent = str(FIRST_AGENT + int(secret.rpartition("-")[2]))
        token = self.tokens.fetch(agent, self.wall(), again=False)
        left = int(token.ends - self.wall())
        return json_answer({"errcode": 0, "errmsg": "ok", "access_token": token.value, "expires_in": left})

    def _robot_of(self, request: Request) -> str:
        value = request.query.get("access_token", "")
        robot = self.tokens.owner(value, self.wall())
        if not robot:
            raise Refused("token_ended" if self.tokens.ended(value) else "token")
        if robot in self.robots_without_rights:
            raise Refused("rights")
        return robot

    def _look(self, request: Request) -> Answer:
        if request.path == "/cgi-bin/agent/get":
            return json_answer({"errcode": 0, "errmsg": "ok", "agentid": int(request.query["agentid"]), "close": 0})
        if request.path == "/cgi-bin/user/get":
            if request.query["userid"] in self.dead_chats:
                raise Refused("no_person")
            return json_answer({"errcode": 0, "errmsg": "ok", "userid": request.query["userid"], "status": 1})
        if request.path == "/cgi-bin/appchat/get":
            if request.query["chatid"] in self.dead_chats:
                raise Refused("dead_chat")
            return json_answer({"errcode": 0, "errmsg": "ok", "chat_info": {"chatid": request.query["chatid"]}})
        raise Refused("not_found")

    def _send(self, robot: str, body: dict[str, Any]) -> Answer:
        if str(body["agentid"]) != robot:
            raise Refused("rights")
        person = str(body.get("touser") or "")
        if not person or "|" in person:
            raise Refused("content", "this fake takes one person a message")
        return self._show(robot, person, body)

    def _send_group(self, robot: str, body: dict[str, Any]) -> Answer:
        return self._show(robot, str(body["chatid"]), body)

    def _show(self, robot: str, chat: str, body: dict[str, Any]) -> Answer:
        kind = body["msgtype"]
        text, buttons, task = _read(kind, body[kind])
        # The check is of the content: the same card with another text is shown again.
        key = f"{chat} {task} {text}" if body.get("enable_duplicate_check") else None
        arrival = self.show(Message(robot, chat, text, buttons, key=key, group=_is_group(chat), kind=kind))
        self._tasks[arrival.message_id] = task
        return self._shown(arrival, kind)

    def _shown(self, arrival: Arrival, kind: str) -> Answer:
        reply = {"errcode": 0, "errmsg": "ok", "invaliduser": "", "msgid": arrival.message_id}
        if kind == "template_card":
            reply["response_code"] = self._card(arrival)
        return json_answer(reply)

    def _card(self, arrival: Arrival) -> str:
        code = f"card-{arrival.message_id}-{secrets.token_hex(4)}"
        self._cards[code] = self.wall() + CARD_SECONDS
        return code

    def _update(self, body: dict[str, Any]) -> Answer:
        ends = self._cards.pop(body["response_code"], 0.0)
        if ends < self.wall():
            raise Refused("used_card")
        return json_answer({"errcode": 0, "errmsg": "ok", "invaliduser": []})

    def dead_answer(self, message: Message) -> Refused:
        return Refused("dead_chat" if message.group else "dead")

    def refusal(self, refused: Refused) -> Answer:
        if refused.kind == "repeated":
            # The service accepts a duplicate, and shows it to nobody.
            return self._shown(refused.detail, refused.detail.kind)
        code, text = ERRORS[refused.kind]
        return json_answer({"errcode": code, "errmsg": f"{text}, hint: [1795264205]"})

    # Callbacks

    def envelope(self, number: int = 1) -> Envelope:
        """The keys of a robot's callbacks."""
        hidden = self.robot(number)[1]
        return Envelope(hidden["callback_token"], hidden["encoding_aes_key"], CORP)

    def pressed(self, arrival: Arrival, value: str, person: str) -> httpx.Request:
        task = self._tasks.get(arrival.message_id, "")
        event = {
            "Event": "template_card_event", "EventKey": value, "TaskId": task, "CardType": "button_interaction",
            "ResponseCode": self._card(arrival),
        }  # fmt: skip
        return self._event(arrival.robot, person, {"MsgType": "event", **event})

    def written(self, chat: str, person: str, text: str) -> httpx.Request:
        del chat  # people write to the app, and not into a group that it made
        message = {"MsgType": "text", "Content": text, "MsgId": 6_000_000_000 + next(self._ids)}
        return self._event(self.settings["agent_id"], person, message)

    def blocked(self, chat: str, *, blocked: bool) -> httpx.Request | None:
        if _is_group(chat):
            return None
        event = {"MsgType": "event", "Event": "unsubscribe" if blocked else "subscribe", "EventKey": ""}
        return self._event(self.settings["agent_id"], chat, event)

    def check_address(self, echo: str = "5927782489442352469") -> httpx.Request:
        """The GET by which WeCom checks a new address: the answer is the echo, decrypted."""
        return self.envelope().check(self.callback_url, echo, int(self.wall()))

    def _event(self, agent: str, person: str, fields: dict[str, Any]) -> httpx.Request:
        now = int(self.wall())
        head = {"ToUserName": CORP, "FromUserName": person, "CreateTime": now}
        xml = document({**head, **fields, "AgentID": int(agent)})
        return self.envelope(int(agent) - FIRST_AGENT).seal(self.callback_url, xml, now, agent)


def _is_group(chat: str) -> bool:
    return chat.startswith("chat-")


def _read(kind: str, content: dict[str, Any]) -> tuple[str, tuple[Button, ...], str]:
    """The text, the buttons, and the task id of a card."""
    if kind in ("text", "markdown"):
        return _bounded(content["content"]), (), ""
    if kind == "textcard":
        text = f"{_bounded(content['title'])}\n{content['description']}"
        return text, (Button(content.get("btntxt", "Details"), url=content["url"]),), ""
    if kind in ("file", "image"):
        return f"[{kind}] {content['media_id']}", (), ""
    if kind != "template_card":
        raise Refused("content")
    return _card(content)


def _card(card: dict[str, Any]) -> tuple[str, tuple[Button, ...], str]:
    title = card.get("main_title", {})
    lines = [title.get("title", ""), title.get("desc", ""), card.get("sub_title_text", "")]
    lines += [f"{row['keyname']}: {row.get('value', '')}" for row in card.get("horizontal_content_list", [])]
    choices = card.get("button_list", [])
    if card["card_type"] == "button_interaction" and not (card.get("task_id") and 0 < len(choices) <= MOST_BUTTONS):
        raise Refused("content")
    buttons = [Button(_bounded(choice["text"]), choice.get("key"), choice.get("url")) for choice in choices]
    if any(len((button.value or "").encode()) > LONGEST_VALUE for button in buttons):
        raise Refused("content")
    buttons += [Button(jump["title"], url=jump.get("url")) for jump in card.get("jump_list", [])]
    if url := card.get("card_action", {}).get("url"):
        buttons.append(Button("open", url=url))
    return _bounded("\n".join(line for line in lines if line)), tuple(buttons), card.get("task_id", "")


def _bounded(text: str) -> str:
    if not text.strip():
        raise Refused("empty")
    if len(text.encode()) > LONGEST_BYTES:
        raise Refused("content", "too long")
    return text
