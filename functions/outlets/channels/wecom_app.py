"""WeCom app: developer.work.weixin.qq.com/document/path/90236 (messages), 90240 (events), 96459 (cards)."""

from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from functions.outlets.channels.base import BaseChannel, base_url_setting
from functions.outlets.channels.contract import (
    Accepted,
    Callback,
    Card,
    Event,
    Failure,
    Forged,
    Length,
    Outcome,
    Pressed,
    Refused,
    Robot,
    Scope,
    Setting,
    Token,
    Unit,
    Unreadable,
    Window,
    Written,
)
from functions.outlets.channels.envelopes import opened_tencent, xml_fields
from functions.outlets.channels.genuine import check_fresh, check_size, moment
from functions.outlets.channels.replies import group, json_call, parsed, refused, text_at
from functions.outlets.channels.text import body_text, card_text, fitted, size
from functions.outlets.channels.wecom_robot import wecom_outcome
from shared.kit.outside.exchange import Call, Reply

CHECK_SECONDS = 1800
# A card shows about 160 characters. A longer text goes as a message with its link, so that no line is lost.
CARD_TEXT = Length(160, Unit.CHARACTERS)
CARD_TITLE = Length(36, Unit.CHARACTERS)
BUTTON_TITLE = Length(10, Unit.CHARACTERS)
GROUP_PREFIX = "chat:"
STALE_TOKENS = frozenset({"40014", "42001", "40001", "41001"})
_CODES = (
    group(Failure.LATER, -1, 45009, 45033, *STALE_TOKENS)
    | group(Failure.RIGHTS, 60011, 60020, 48002, 301002, 40013, 41002, 41004, 40056)
    | group(Failure.DEAD, 60111, 81013, 82001, 86001, 86003)
    | group(Failure.CONTENT, 40058, 44004, 45002, 45008, 45007)
)


class WecomApp(BaseChannel):
    """An internal app that writes to a member, or to an app chat with the address `chat:<id>`."""

    name = "wecom_app"
    base_url = "https://qyapi.weixin.qq.com"
    # Above 30 a minute or 1,000 an hour a member, messages are dropped without a word; in groups above 200 a minute.
    windows = (Window(30, 60, Scope.CHAT), Window(1000, 3600, Scope.CHAT), Window(10_000, 60, Scope.ROBOT))
    longest = Length(2048, Unit.BYTES)
    # The same content within 30 minutes is shown once.
    native_key = True
    key_seconds = float(CHECK_SECONDS)
    shows_tapper = True
    settings = (
        base_url_setting(base_url),
        Setting("corp_id", secret=False, help="The corp id, ww…, on the page My company."),
        Setting("agent_id", secret=False, help="The AgentId of the app."),
        Setting("corp_secret", secret=True, help="The Secret of the app."),
        Setting("callback_token", secret=True, help="The Token of Receive messages; for buttons.", default=""),
        Setting("encoding_aes_key", secret=True, help="The EncodingAESKey, 43 characters; for buttons.", default=""),
    )

    def send(self, robot: Robot, chat: str, card: Card, key: str, now: datetime) -> Call:
        """A card with buttons, or a text with its link."""
        del now
        text = {"msgtype": "text", "text": {"content": card_text(card, self.longest)}}
        if chat.startswith(GROUP_PREFIX):
            # App chats have no interactive cards.
            return self._post(robot, "appchat/send", {"chatid": chat.removeprefix(GROUP_PREFIX), **text})
        check = {"enable_duplicate_check": 1, "duplicate_check_interval": CHECK_SECONDS}
        agent = robot.settings.get("agent_id", "")
        whom = {"touser": chat, "agentid": int(agent) if agent.isdecimal() else agent}
        return self._post(robot, "message/send", {**whom, **(_button_card(card, key) or text), **check})

    def outcome(self, reply: Reply) -> Outcome:
        """By `errcode`, then by `invaliduser`: a message without a reader has errcode 0 too."""
        outcome = wecom_outcome(reply, _CODES)
        if isinstance(outcome, Refused) and outcome.code in STALE_TOKENS:
            return Refused(Failure.LATER, outcome.code, outcome.detail, 0.0, renew_token=True)
        document = parsed(reply)
        if isinstance(outcome, Accepted) and isinstance(document, dict):
            unknown = text_at(document, "invaliduser") or text_at(document, "unlicenseduser")
            return Refused(Failure.DEAD, "invaliduser", unknown) if unknown else outcome
        return outcome

    def token(self, robot: Robot) -> Call | None:
        """gettoken. A second fetch returns the same token."""
        names = {"corpid": robot.settings.get("corp_id", ""), "corpsecret": robot.secret.get("corp_secret", "")}
        return Call("GET", f"{self.base(robot)}/cgi-bin/gettoken?{urlencode(names)}")

    def token_outcome(self, reply: Reply) -> Token | Refused | Unreadable:
        """`access_token` and `expires_in`."""
        return wecom_token(reply, _CODES)

    def login(self, robot: Robot) -> Call | None:
        """agent/get tells whether the app may speak."""
        query = urlencode({"access_token": robot.token or "", "agentid": robot.settings.get("agent_id", "")})
        return Call("GET", f"{self.base(robot)}/cgi-bin/agent/get?{query}")

    def login_outcome(self, reply: Reply) -> Outcome:
        """As `outcome`."""
        return self.outcome(reply)

    def look(self, robot: Robot, chat: str) -> Call | None:
        """appchat/get or user/get shows nothing."""
        token = quote(robot.token or "", safe="")
        if chat.startswith(GROUP_PREFIX):
            path = f"appchat/get?access_token={token}&chatid={quote(chat.removeprefix(GROUP_PREFIX), safe='')}"
        else:
            path = f"user/get?access_token={token}&userid={quote(chat, safe='')}"
        return Call("GET", f"{self.base(robot)}/cgi-bin/{path}")

    def alive(self, reply: Reply) -> bool | Refused | Unreadable:
        """A member or chat that exists."""
        outcome = self.outcome(reply)
        if isinstance(outcome, Accepted):
            return True
        return False if isinstance(outcome, Refused) and outcome.failure is Failure.DEAD else outcome

    def events(self, robot: Robot, callback: Callback, now: datetime) -> list[Event]:
        """An encrypted XML message; the set-up check (GET) has no event."""
        fields = xml_fields(_opened(robot, callback, now))
        event = _event(fields, now)
        return [event] if event else []

    def answer(self, robot: Robot, callback: Callback, text: str | None = None) -> Reply:
        """The set-up check gets its decrypted text back, every other callback an empty 200."""
        del text
        if callback.method != "GET":
            return Reply(HTTPStatus.OK)
        return Reply(HTTPStatus.OK, {"content-type": "text/plain; charset=utf-8"}, opened_envelope(robot, callback))

    def _post(self, robot: Robot, path: str, document: dict[str, Any]) -> Call:
        return json_call(
            "POST", f"{self.base(robot)}/cgi-bin/{path}?access_token={quote(robot.token or '', safe='')}", document
        )


def wecom_token(reply: Reply, codes: dict[str, Failure]) -> Token | Refused | Unreadable:
    """The access token of WeCom, an official account or a mini-program."""
    document = parsed(reply)
    if not isinstance(document, dict):
        return document
    value, seconds = text_at(document, "access_token"), text_at(document, "expires_in")
    if value and seconds.isdecimal():
        return Token(value, float(seconds))
    code = text_at(document, "errcode")
    return refused(codes, code, document.get("errmsg", "")) if code else Unreadable("no token and no errcode")


def opened_envelope(robot: Robot, callback: Callback) -> bytes:
    """The plain text of a callback for this robot. Raises `Forged`."""
    check_size(callback)
    is_check = callback.method == "GET"
    encrypted = callback.query.get("echostr") if is_check else xml_fields(callback.body).get("Encrypt")
    if not encrypted:
        raise Forged("the callback holds no envelope")
    token, aes_key = (robot.secret.get(name, "") for name in ("callback_token", "encoding_aes_key"))
    receiver = robot.settings.get("corp_id") or robot.settings.get("app_id", "")
    return opened_tencent(token, aes_key, receiver, callback.query, encrypted)


def _opened(robot: Robot, callback: Callback, now: datetime) -> bytes:
    plain = opened_envelope(robot, callback)
    check_fresh(callback.query.get("timestamp"), now)
    return b"" if callback.method == "GET" else plain


def _event(fields: dict[str, str], now: datetime) -> Event | None:
    person, at = fields.get("FromUserName", ""), moment(fields.get("CreateTime"), now)
    if fields.get("Event") == "template_card_event" and person:
        value, task = fields.get("EventKey", ""), fields.get("TaskId", "")
        return Pressed(None, value, person, at, f"press {person} {task} {value} {fields.get('CreateTime')}")
    if fields.get("MsgType") == "text" and person:
        return Written(person, person, fields.get("Content", ""), at, f"message {fields.get('MsgId')}")
    return None


def _button_card(card: Card, key: str) -> dict[str, Any] | None:
    text = body_text(card, Length(2048, Unit.BYTES))
    if not card.buttons or size(text, CARD_TEXT.unit) > CARD_TEXT.count:
        return None
    title, _, further_lines = text.partition("\n")
    content: dict[str, Any] = {
        "card_type": "button_interaction",
        "main_title": {"title": fitted(title, CARD_TITLE)},
        "sub_title_text": further_lines if len(title) <= CARD_TITLE.count and further_lines else text,
        "task_id": key,
        "button_list": [
            {"text": fitted(button.title, BUTTON_TITLE), "style": style, "key": button.value}
            for style, button in enumerate(card.buttons[:6], 1)
        ],
    }
    if card.link:
        content["card_action"] = {"type": 1, "url": card.link}
    return {"msgtype": "template_card", "template_card": content}
