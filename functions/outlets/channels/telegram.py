"""Telegram, Bot API: core.telegram.org/bots/api."""

from datetime import datetime
from http import HTTPStatus
from typing import Any

from functions.outlets.channels.base import BaseChannel, base_url_setting
from functions.outlets.channels.contract import (
    Accepted,
    Blocked,
    Callback,
    Card,
    Event,
    Failure,
    Length,
    Outcome,
    Pressed,
    Refused,
    Robot,
    Scope,
    Setting,
    Unblocked,
    Unit,
    Unreadable,
    Window,
    Written,
)
from functions.outlets.channels.genuine import check_equal, check_size, moment
from functions.outlets.channels.replies import (
    JSON_TYPE,
    SERVER_ERRORS,
    bounded_wait,
    json_call,
    json_object,
    parsed,
    shortened,
    text_at,
    value_at,
)
from functions.outlets.channels.text import card_text, fitted
from shared.kit.outside.exchange import Call, Reply

BUTTON_VALUE = Length(64, Unit.BYTES)
# Descriptions of status 400 that tell of the chat, not of the text.
_DEAD_CHATS = (
    "chat not found",
    "group chat was deactivated",
    "peer_id_invalid",
    "chat_write_forbidden",
    "have no rights to send",
    "not enough rights to send",
    "user not found",
    "chat_restricted",
)


class Telegram(BaseChannel):
    """A bot in a private chat or a group."""

    name = "telegram"
    base_url = "https://api.telegram.org"
    # A group takes 20 a minute. The address does not tell a group for sure, so every chat has the window.
    windows = (Window(30, 1, Scope.ROBOT), Window(1, 1, Scope.CHAT), Window(20, 60, Scope.CHAT))
    longest = Length(4096, Unit.UTF16)
    shows_tapper = True
    settings = (
        base_url_setting(base_url),
        Setting("token", secret=True, help="The bot's token, from @BotFather."),
        Setting("callback_secret", secret=True, help="The secret_token that was given to setWebhook."),
    )

    def send(self, robot: Robot, chat: str, card: Card, key: str, now: datetime) -> Call:
        """sendMessage, without a parse mode: the text of a guest is never markup."""
        del key, now
        message: dict[str, Any] = {
            "chat_id": chat,
            "text": card_text(card, self.longest),
            "link_preview_options": {"is_disabled": True},
        }
        if card.buttons:
            message["reply_markup"] = {
                "inline_keyboard": [
                    [
                        {"text": button.title, "callback_data": fitted(button.value, BUTTON_VALUE)}
                        for button in card.buttons
                    ]
                ]
            }
        return json_call("POST", self._method(robot, "sendMessage"), message)

    def outcome(self, reply: Reply) -> Outcome:
        """By `ok` and `error_code` of the body."""
        document = parsed(reply)
        if not isinstance(document, dict):
            return document
        if document.get("ok") is True:
            chat, number = (text_at(document, "result", *path) for path in (("chat", "id"), ("message_id",)))
            return Accepted(f"{chat}:{number}" if number else None)
        return _refusal(document)

    def events(self, robot: Robot, callback: Callback, now: datetime) -> list[Event]:
        """One update. The header holds the secret itself; an update has no signed time, so its id is used once."""
        check_size(callback)
        check_equal(robot.secret.get("callback_secret", ""), callback.headers.get("x-telegram-bot-api-secret-token"))
        update = json_object(callback.body) or {}
        event = _pressed(update, now) or _membership(update, now) or _written(update, now)
        return [event] if event else []

    def answer(self, robot: Robot, callback: Callback, text: str | None = None) -> Reply:
        """The reply to a pressed button may itself be a method call, so that the button stops waiting."""
        del robot
        press = text_at(json_object(callback.body), "callback_query", "id")
        if not press:
            return Reply(HTTPStatus.OK)
        toast = {"text": fitted(text, Length(200, Unit.UTF16))} if text else {}
        method = {"method": "answerCallbackQuery", "callback_query_id": press, **toast}
        body = json_call("POST", "", method).body
        return Reply(HTTPStatus.OK, {"content-type": JSON_TYPE}, body)

    def look(self, robot: Robot, chat: str) -> Call | None:
        """getChat shows nothing in the chat."""
        return json_call("POST", self._method(robot, "getChat"), {"chat_id": chat})

    def alive(self, reply: Reply) -> bool | Refused | Unreadable:
        """A chat that the bot can read."""
        outcome = self.outcome(reply)
        if isinstance(outcome, Accepted):
            return True
        return False if isinstance(outcome, Refused) and outcome.failure is Failure.DEAD else outcome

    def login(self, robot: Robot) -> Call | None:
        """getMe."""
        return json_call("POST", self._method(robot, "getMe"), {})

    def login_outcome(self, reply: Reply) -> Outcome:
        """As `outcome`."""
        return self.outcome(reply)

    def _method(self, robot: Robot, method: str) -> str:
        return f"{self.base(robot)}/bot{robot.secret.get('token', '')}/{method}"


def _refusal(document: dict[str, Any]) -> Outcome:
    code, detail = text_at(document, "error_code"), shortened(document.get("description", ""))
    parameters = document.get("parameters")
    new_chat = text_at(parameters, "migrate_to_chat_id")
    if new_chat:
        return Refused(Failure.LATER, code, detail, 0.0, moved_to=new_chat)
    if code.isdigit() and int(code) >= SERVER_ERRORS:
        return Unreadable(f"{code} {detail}")
    # The service does not say whether the chat or the robot has sent too much.
    wait = bounded_wait(value_at(parameters, "retry_after"))
    return Refused(_failure(code, detail), code, detail, wait, scope=None)


def _failure(code: str, detail: str) -> Failure:
    if code == "400":
        return Failure.DEAD if any(text in detail.lower() for text in _DEAD_CHATS) else Failure.CONTENT
    return {"401": Failure.RIGHTS, "404": Failure.RIGHTS, "403": Failure.DEAD}.get(code, Failure.LATER)


def _pressed(update: dict[str, Any], now: datetime) -> Event | None:
    query = update.get("callback_query")
    person, value = text_at(query, "from", "id"), text_at(query, "data")
    if not person or not value:
        return None
    chat, number = text_at(query, "message", "chat", "id"), text_at(query, "message", "message_id")
    return Pressed(f"{chat}:{number}" if number else None, value, person, now, f"callback_query {text_at(query, 'id')}")


def _written(update: dict[str, Any], now: datetime) -> Event | None:
    message = update.get("message")
    chat, person, text = text_at(message, "chat", "id"), text_at(message, "from", "id"), text_at(message, "text")
    if not chat or not person or not text:
        return None
    return Written(chat, person, text, moment(value_at(message, "date"), now), f"update {text_at(update, 'update_id')}")


def _membership(update: dict[str, Any], now: datetime) -> Event | None:
    change = update.get("my_chat_member")
    chat, status = text_at(change, "chat", "id"), text_at(change, "new_chat_member", "status")
    if not chat or not status:
        return None
    at = moment(value_at(change, "date"), now)
    return Blocked(chat, at) if status in {"kicked", "left", "restricted"} else Unblocked(chat, at)
