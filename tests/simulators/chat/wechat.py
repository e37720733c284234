"""WeChat's official account and mini-program as a fake, from their description: one token, one right a message."""

import itertools
import secrets
import threading
from collections import Counter
from collections.abc import Iterable
from typing import Any, ClassVar

import httpx

from tests.simulators.chat.arrivals import Arrival, Message
from tests.simulators.chat.fake import FakeChat, Refused
from tests.simulators.chat.tokens import Tokens
from tests.simulators.chat.wechat_rules import check_values
from tests.simulators.chat.wecom_callbacks import Envelope, document
from tests.simulators.chat.windows import Window
from tests.simulators.http_system import Answer, Request, json_answer

APP, SECRET = "wxfake", "fake-wechat-secret-"
SESSION_SECONDS, MOST_IN_A_SESSION = 48 * 3600, 5
ERRORS = {
    "later": (45009, "reach max api daily quota limit"),
    "busy": (-1, "system error"),
    "token": (40001, "invalid credential, access_token is invalid or not latest"),
    "token_ended": (42001, "access_token expired"),
    "secret": (40125, "invalid appsecret"),
    "rights": (48001, "api unauthorized"),
    "dead": (40003, "invalid openid"),
    "no_right": (43101, "user refuse to accept the msg"),
    "not_followed": (43004, "require subscribe"),
    "content": (47003, "argument invalid!"),
    "template": (40037, "invalid template_id"),
    "page": (41030, "invalid page"),
    "session": (45015, "response out of time limit or subscription is canceled"),
    "session_full": (45047, "out of response count limit"),
    "not_found": (40066, "invalid url"),
}


class Wechat(FakeChat):
    """A robot is an app id, a chat is a person's openid. `templates` are known ones; None takes all.

    `accept` gives a person's right to one message. `followers` may get templates of the official account; None is all.
    """

    channel: ClassVar[str] = "wechat"
    limits: ClassVar[tuple[Window, ...]] = (Window(100_000, 86_400, "robot"),)
    callback_tries: ClassVar[int] = 3

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.tokens = Tokens()
        self.templates: set[str] | None = None
        self.followers: set[str] | None = None
        self.rights: Counter[tuple[str, str]] = Counter()
        self.spoke: dict[str, tuple[float, int]] = {}
        self._ids = itertools.count(3_000_000_000_000_000_001)
        self._rights_lock = threading.Lock()

    def robot(self, number: int) -> tuple[dict[str, str], dict[str, str]]:
        hidden = {
            "app_secret": f"{SECRET}{number}",
            "callback_token": f"callback-token-{number}",
            "encoding_aes_key": f"{number:03}defghijklmnopqrstuvwxyz0123456789ABCDEFG",
        }
        return {"base_url": self.url, "app_id": f"{APP}{number}"}, hidden

    def new_id(self) -> str:
        return str(next(self._ids))

    def forget_sessions(self) -> None:
        self.tokens.forget()

    def session_lost(self, request: Request) -> Answer:
        del request
        return self.refusal(Refused("token"))

    def accept(self, person: str, template: str) -> None:
        """A person's accept in the mini-program: the right to one message of this template."""
        with self._rights_lock:
            self.rights[person, template] += 1

    def answer(self, request: Request) -> Answer:
        if request.path in ("/cgi-bin/token", "/cgi-bin/stable_token"):
            return self._token(request)
        value = request.query.get("access_token", "")
        robot = self.tokens.owner(value, self.wall())
        if not robot:
            raise Refused("token_ended" if self.tokens.ended(value) else "token")
        if robot in self.robots_without_rights:
            raise Refused("rights")
        sender = {
            "/cgi-bin/message/subscribe/send": self._subscribed,
            "/cgi-bin/message/template/send": self._template,
            "/cgi-bin/message/custom/send": self._service,
        }.get(request.path)
        if not sender:
            raise Refused("not_found")
        return sender(robot, request.json())

    def _token(self, request: Request) -> Answer:
        stable = request.path.endswith("stable_token")
        fields = request.json() if stable else request.query
        number = str(fields["appid"]).removeprefix(APP)
        if fields.get("grant_type") != "client_credential" or fields["secret"] != f"{SECRET}{number}":
            raise Refused("secret")
        # A fetch by the old address kills the token of all others.
        again = bool(fields.get("force_refresh")) if stable else True
        token = self.tokens.fetch(str(fields["appid"]), self.wall(), again=again)
        return json_answer({"access_token": token.value, "expires_in": int(token.ends - self.wall())})

    def _subscribed(self, robot: str, body: dict[str, Any]) -> Answer:
        person, template = body["touser"], body["template_id"]
        self._check_template(template, body["data"])
        with self._rights_lock:
            if self.rights[person, template] < 1:
                raise Refused("no_right")
            self._show(robot, person, template, body)
            self.rights[person, template] -= 1
        return json_answer({"errcode": 0, "errmsg": "ok"})

    def _template(self, robot: str, body: dict[str, Any]) -> Answer:
        person, template = body["touser"], body["template_id"]
        self._check_template(template, body["data"])
        if self.followers is not None and person not in self.followers:
            raise Refused("not_followed")
        arrival = self._show(robot, person, template, body)
        return json_answer({"errcode": 0, "errmsg": "ok", "msgid": int(arrival.message_id)})

    def _service(self, robot: str, body: dict[str, Any]) -> Answer:
        person = body["touser"]
        at, count = self.spoke.get(person, (0.0, 0))
        if self.wall() - at > SESSION_SECONDS:
            raise Refused("session")
        if count >= MOST_IN_A_SESSION:
            raise Refused("session_full")
        self.spoke[person] = (at, count + 1)
        self.show(Message(robot, person, body["text"]["content"], kind="service"))
        return json_answer({"errcode": 0, "errmsg": "ok"})

    def _check_template(self, template: str, data: dict[str, Any]) -> None:
        if self.templates is not None and template not in self.templates:
            raise Refused("template")
        check_values(data)

    def _show(self, robot: str, person: str, template: str, body: dict[str, Any]) -> Arrival:
        text = "\n".join([template, *(str(value["value"]) for value in body["data"].values())])
        return self.show(Message(robot, person, text, key=body.get("client_msg_id"), kind="template"))

    def refusal(self, refused: Refused) -> Answer:
        code, text = ERRORS[refused.kind]
        detail = f" {refused.detail}" if refused.kind == "content" and refused.detail else ""
        return json_answer({"errcode": code, "errmsg": f"{text}{detail} rid: 6a5f-0000"})

    # Callbacks

    def envelope(self, number: int = 1) -> Envelope:
        """The keys of the callbacks of an app."""
        hidden = self.robot(number)[1]
        return Envelope(hidden["callback_token"], hidden["encoding_aes_key"], f"{APP}{number}")

    def received(self, arrival: Arrival, kind: str) -> httpx.Request:
        """TEMPLATESENDJOBFINISH: `kind` is success, failed:user block or failed:freq limit."""
        event = {"MsgID": int(arrival.message_id), "Status": "success" if kind == "delivered" else kind}
        return self.event("TEMPLATESENDJOBFINISH", arrival.chat, event, arrival.robot)

    def consent(self, person: str, changes: Iterable[tuple[str, str]], name: str = "change") -> httpx.Request:
        """subscribe_msg_change_event or subscribe_msg_popup_event: (template, accept or reject) of each.

        One change is a single List, several are several Lists: read as JSON they are an object or an array.
        """
        outer = "SubscribeMsgChangeEvent" if name == "change" else "SubscribeMsgPopupEvent"
        lists = "".join(
            document({"TemplateId": template, "SubscribeStatusString": status}).replace("xml>", "List>")
            for template, status in changes
        )
        return self.event(f"subscribe_msg_{name}_event", person, {outer: lists or "<List/>"})

    def written(self, chat: str, person: str, text: str) -> httpx.Request:
        del person
        self.spoke[chat] = (self.wall(), 0)
        fields = {"MsgType": "text", "Content": text, "MsgId": int(self.new_id())}
        return self._sealed(chat, fields, self.settings["app_id"])

    def blocked(self, chat: str, *, blocked: bool) -> httpx.Request:
        return self.event("unsubscribe" if blocked else "subscribe", chat, {"EventKey": ""})

    def event(self, name: str, person: str, fields: dict[str, Any], app: str = "") -> httpx.Request:
        """An encrypted event of a person."""
        return self._sealed(person, {"MsgType": "event", "Event": name, **fields}, app or self.settings["app_id"])

    def check_address(self, echo: str = "5927782489442352469") -> httpx.Request:
        """The GET that checks a new address: not encrypted, the answer is the echo."""
        stamp, nonce = str(int(self.wall())), secrets.token_hex(5)
        return self.envelope().plain_check(self.callback_url, echo, stamp, nonce)

    def _sealed(self, person: str, fields: dict[str, Any], app: str) -> httpx.Request:
        now = int(self.wall())
        xml = document({"ToUserName": "gh_fake", "FromUserName": person, "CreateTime": now, **fields})
        return self.envelope(int(app.removeprefix(APP))).seal(self.callback_url, xml, now)
