"""Feishu app: open.feishu.cn/document, sections Send message, Card callback and Event subscription."""

import hashlib
import json
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from functions.outlets.channels.base import BaseChannel, base_url_setting
from functions.outlets.channels.contract import (
    Accepted,
    Blocked,
    Callback,
    Card,
    Event,
    Failure,
    Forged,
    Length,
    Outcome,
    Pressed,
    Read,
    Refused,
    Robot,
    Scope,
    Setting,
    Token,
    Unblocked,
    Unit,
    Unreadable,
    Window,
    Written,
)
from functions.outlets.channels.envelopes import opened_feishu
from functions.outlets.channels.feishu_bot import RESET_HEADER, without_mentions
from functions.outlets.channels.genuine import check_equal, check_fresh, check_size, moment
from functions.outlets.channels.replies import (
    JSON_TYPE,
    group,
    json_call,
    json_object,
    parsed,
    refused,
    text_at,
    value_at,
    wait_of,
)
from functions.outlets.channels.text import card_text
from shared.kit.outside.exchange import Call, Reply

MILLISECONDS = 1000.0
KEY_CHARACTERS = 50
# Kinds of address by their beginning.
_ADDRESSES = {"oc_": "chat_id", "ou_": "open_id", "on_": "union_id"}
STALE_TOKENS = frozenset({"99991661", "99991663", "99991664", "99991665", "99991668", "99991671"})
_CODES = (
    group(Failure.LATER, 9499, 11232, 99991400, 230020, 230049, *STALE_TOKENS)
    | group(Failure.RIGHTS, 10003, 10014, 10015, 99991672, 99991679, 230006, 230027, 232033)
    | group(Failure.DEAD, 230002, 230013, 230029, 230035, 230038, 230053, 232009)
    | group(Failure.CONTENT, 230001, 230022, 230025, 230028, 230054, 230055, 230099)
)


class FeishuApp(BaseChannel):
    """A self-built app with a bot, in a group or a chat with a person."""

    name = "feishu_app"
    base_url = "https://open.feishu.cn"
    windows = (Window(1000, 60, Scope.ROBOT), Window(50, 1, Scope.ROBOT), Window(5, 1, Scope.CHAT))
    # A card has at most 30 KB. It is JSON inside of JSON, where quotes take four bytes.
    longest = Length(6000, Unit.BYTES)
    native_key = True
    key_seconds = 60 * 60.0
    receipts = True
    shows_tapper = True
    settings = (
        base_url_setting(base_url),
        Setting("app_id", secret=False, help="The App ID, cli_…."),
        Setting("app_secret", secret=True, help="The App Secret."),
        Setting("encrypt_key", secret=True, help="The Encrypt Key of the event subscription."),
        Setting("verification_token", secret=True, help="The Verification Token of the event subscription."),
    )

    def send(self, robot: Robot, chat: str, card: Card, key: str, now: datetime) -> Call:
        """An interactive card. `key` is its uuid."""
        del now
        kind = _ADDRESSES.get(chat[:3], "chat_id")
        content = json.dumps(_card(card, self.longest), ensure_ascii=False, separators=(",", ":"))
        message = {"receive_id": chat, "msg_type": "interactive", "content": content, "uuid": _uuid(key)}
        url = f"{self.base(robot)}/open-apis/im/v1/messages?receive_id_type={kind}"
        return json_call("POST", url, message, _headers(robot))

    def outcome(self, reply: Reply) -> Outcome:
        """By `code`. An old token is told apart."""
        document = parsed(reply)
        if not isinstance(document, dict):
            return document
        code = text_at(document, "code")
        if code == "0":
            return Accepted(text_at(document, "data", "message_id") or None)
        if code in STALE_TOKENS:
            return Refused(Failure.LATER, code, text_at(document, "msg"), 0.0, renew_token=True)
        return refused(_CODES, code or "none", document.get("msg", ""), wait_of(reply, RESET_HEADER))

    def token(self, robot: Robot) -> Call | None:
        """tenant_access_token."""
        credentials = {
            "app_id": robot.settings.get("app_id", ""),
            "app_secret": robot.secret.get("app_secret", ""),
        }
        url = f"{self.base(robot)}/open-apis/auth/v3/tenant_access_token/internal"
        return json_call("POST", url, credentials)

    def token_outcome(self, reply: Reply) -> Token | Refused | Unreadable:
        """`tenant_access_token` and `expire`."""
        document = parsed(reply)
        if not isinstance(document, dict):
            return document
        value, seconds = text_at(document, "tenant_access_token"), text_at(document, "expire")
        if value and seconds.isdecimal():
            return Token(value, float(seconds))
        code = text_at(document, "code")
        return refused(_CODES, code, document.get("msg", "")) if code else Unreadable("no token and no code")

    def look(self, robot: Robot, chat: str) -> Call | None:
        """The group's record shows nothing. A person's chat has no such call."""
        if _ADDRESSES.get(chat[:3], "chat_id") != "chat_id":
            return None
        return Call("GET", f"{self.base(robot)}/open-apis/im/v1/chats/{quote(chat, safe='')}", _headers(robot))

    def alive(self, reply: Reply) -> bool | Refused | Unreadable:
        """A group that is not dissolved and has the bot in it."""
        outcome = self.outcome(reply)
        if isinstance(outcome, Accepted):
            status = text_at(json_object(reply.body), "data", "chat_status")
            return status not in {"dissolved", "dissolved_save"}
        return False if isinstance(outcome, Refused) and outcome.failure is Failure.DEAD else outcome

    def login(self, robot: Robot) -> Call | None:
        """bot/v3/info."""
        return Call("GET", f"{self.base(robot)}/open-apis/bot/v3/info", _headers(robot))

    def login_outcome(self, reply: Reply) -> Outcome:
        """As `outcome`."""
        return self.outcome(reply)

    def events(self, robot: Robot, callback: Callback, now: datetime) -> list[Event]:
        """One event of schema 2.0, signed with its time. The set-up check is none."""
        document = _document(robot, callback)
        if _is_check(document):
            check_equal(robot.secret.get("verification_token", ""), text_at(document, "token"))
            return []
        _check_signature(robot, callback, now)
        return _events(document, now)

    def answer(self, robot: Robot, callback: Callback, text: str | None = None) -> Reply:
        """The challenge of the set-up check, or a toast for the person who pressed, within three seconds."""
        document = _document(robot, callback)
        content: dict[str, Any] = {}
        if _is_check(document):
            content = {"challenge": text_at(document, "challenge")}
        elif text and text_at(document, "header", "event_type") == "card.action.trigger":
            content = {"toast": {"type": "info", "content": text}}
        return Reply(HTTPStatus.OK, {"content-type": JSON_TYPE}, json_call("POST", "", content).body)


def event_signature(encrypt_key: str, ts: str, nonce: str, body: bytes) -> str:
    """SHA-256 over time, nonce, key and the raw body."""
    return hashlib.sha256(f"{ts}{nonce}{encrypt_key}".encode("utf-8", "replace") + body).hexdigest()


def _check_signature(robot: Robot, callback: Callback, now: datetime) -> None:
    ts, nonce = (callback.headers.get(f"x-lark-request-{name}", "") for name in ("timestamp", "nonce"))
    key = robot.secret.get("encrypt_key", "")
    expected = event_signature(key, ts, nonce, callback.body) if key else ""
    check_equal(expected, callback.headers.get("x-lark-signature"))
    check_fresh(ts, now)


def _document(robot: Robot, callback: Callback) -> dict[str, Any]:
    check_size(callback)
    document = json_object(callback.body)
    if document is None:
        raise Forged("the body is no JSON object")
    encrypted = text_at(document, "encrypt")
    if not encrypted:
        return document
    key = robot.secret.get("encrypt_key", "")
    if not key:
        raise Forged("the robot has no encrypt key")
    return json_object(opened_feishu(key, encrypted)) or {}


def _is_check(document: dict[str, Any]) -> bool:
    return text_at(document, "type") == "url_verification"


def _events(document: dict[str, Any], now: datetime) -> list[Event]:
    kind, event_id = (text_at(document, "header", name) for name in ("event_type", "event_id"))
    event, at = document.get("event"), _moment(value_at(document, "header", "create_time"), now)
    chat = text_at(event, "chat_id")
    if kind == "card.action.trigger":
        return _pressed(event, at, event_id)
    if kind == "im.message.receive_v1":
        return _written(event, at, event_id)
    if kind == "im.message.message_read_v1":
        messages = value_at(event, "message_id_list")
        read_at = _moment(value_at(event, "reader", "read_time"), now)
        messages = messages if isinstance(messages, list) else []
        return [Read(message, read_at) for message in messages if isinstance(message, str)]
    if kind in {"im.chat.member.bot.deleted_v1", "im.chat.disbanded_v1"} and chat:
        return [Blocked(chat, at)]
    return [Unblocked(chat, at)] if kind == "im.chat.member.bot.added_v1" and chat else []


def _pressed(event: object, at: datetime, event_id: str) -> list[Event]:
    person, value = text_at(event, "operator", "open_id"), text_at(event, "action", "value", "value")
    message_id = text_at(event, "context", "open_message_id")
    return [Pressed(message_id or None, value, person, at, event_id)] if person and value else []


def _written(event: object, at: datetime, event_id: str) -> list[Event]:
    person, chat = text_at(event, "sender", "sender_id", "open_id"), text_at(event, "message", "chat_id")
    text = text_at(json_object(text_at(event, "message", "content").encode()), "text")
    return [Written(chat, person, text, at, event_id)] if chat and person and text else []


def _card(card: Card, longest: Length) -> dict[str, Any]:
    text = without_mentions(card_text(card, longest))
    elements: list[dict[str, Any]] = [{"tag": "div", "text": {"tag": "plain_text", "content": text}}]
    actions: list[dict[str, Any]] = [
        {
            "tag": "button",
            "text": {"tag": "plain_text", "content": button.title},
            "type": "primary",
            "value": {"value": button.value},
        }
        for button in card.buttons
    ]
    if actions:
        elements.append({"tag": "action", "actions": actions})
    return {"config": {"wide_screen_mode": True}, "elements": elements}


def _uuid(key: str) -> str:
    """A uuid of at most 50 characters: a longer key is hashed."""
    return key if len(key) <= KEY_CHARACTERS else hashlib.sha256(key.encode()).hexdigest()[:KEY_CHARACTERS]


def _headers(robot: Robot) -> dict[str, str]:
    return {"authorization": f"Bearer {robot.token or ''}"}


def _moment(milliseconds: object, now: datetime) -> datetime:
    return moment(milliseconds, now, scale=MILLISECONDS)
