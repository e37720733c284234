"""WhatsApp Cloud API: developers.facebook.com/docs/whatsapp/cloud-api."""

import re
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from functions.outlets.channels.base import BaseChannel, base_url_setting
from functions.outlets.channels.contract import (
    Accepted,
    Callback,
    Card,
    Delivered,
    Event,
    Failed,
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
    Unit,
    Unreadable,
    Window,
    Written,
)
from functions.outlets.channels.genuine import check_equal, check_size, hmac_sha256, moment
from functions.outlets.channels.replies import (
    SERVER_ERRORS,
    group,
    json_call,
    json_object,
    objects_at,
    parsed,
    refused,
    text_at,
    value_at,
)
from functions.outlets.channels.text import card_text, fitted, size
from shared.kit.outside.exchange import Call, Reply

VERSION = "v23.0"
BUTTON_TEXT = Length(1024, Unit.CHARACTERS)
BUTTON_TITLE = Length(20, Unit.CHARACTERS)
MOST_BUTTONS = 3
DAY = 24 * 60 * 60.0
NEEDS_TEMPLATE = "131047"
_IN_A_DAY = frozenset({"131048", "131049"})
# Limits of a pair of business and person. Other people still get messages.
_OF_ONE_PERSON = frozenset({"131049", "131056"})
PAIR, PAIR_SECONDS = "131056", 6.0
_CODES = (
    group(Failure.LATER, 2, 4, 80007, 130429, 131056, 131000, 131016, *_IN_A_DAY)
    | group(Failure.DEAD, 131026)
    | group(Failure.RIGHTS, 0, 3, 10, 190, 200, 368, 131005, 131031, 131042, 133010)
    | group(Failure.CONTENT, 100, 131008, 131009, 131051, NEEDS_TEMPLATE)
)


class WhatsApp(BaseChannel):
    """A business number. Outside of 24 h after the person wrote, it may send approved templates alone."""

    name = "whatsapp"
    base_url = "https://graph.facebook.com"
    windows = (Window(80, 1, Scope.ROBOT), Window(1, 6, Scope.CHAT))
    longest = Length(4096, Unit.CHARACTERS)
    receipts = True
    shows_tapper = True
    settings = (
        base_url_setting(base_url),
        Setting("phone_number_id", secret=False, help="The phone number id; it is not the number."),
        Setting("template", secret=False, help="An approved template whose body is {{1}}.", default=""),
        Setting("token", secret=True, help="A token of a system user, with whatsapp_business_messaging."),
        Setting("app_secret", secret=True, help="The app secret: it signs callbacks."),
        Setting("verify_token", secret=True, help="A word of your choice; the set-up check sends it."),
    )

    def send(self, robot: Robot, chat: str, card: Card, key: str, now: datetime) -> Call:
        """A text, a text with buttons, or the robot's template. `key` comes back with each status."""
        del now
        message = _template(robot, card) if card.as_template else _message(card)
        common = {"messaging_product": "whatsapp", "recipient_type": "individual", "to": chat}
        return json_call(
            "POST",
            self._number(robot) + "/messages",
            {**common, "biz_opaque_callback_data": key, **message},
            _headers(robot),
        )

    def outcome(self, reply: Reply) -> Outcome:
        """By `messages` and `error` of the body."""
        document = parsed(reply)
        if not isinstance(document, dict):
            return document
        message_id = text_at(document, "messages", 0, "id")
        if message_id:
            return Accepted(message_id)
        error = document.get("error")
        if not isinstance(error, dict) or (reply.status >= SERVER_ERRORS and text_at(error, "code") not in _CODES):
            return Unreadable(f"status {reply.status}")
        return _refusal(error)

    def events(self, robot: Robot, callback: Callback, now: datetime) -> list[Event]:
        """Statuses and messages, unordered and doubled for 7 days: old ones are genuine, their ids are used once."""
        if callback.method == "GET":
            _check_verification(robot, callback)
            return []
        check_size(callback)
        secret = robot.secret.get("app_secret", "")
        expected = f"sha256={hmac_sha256(secret, callback.body).hex()}" if secret else ""
        check_equal(expected, callback.headers.get("x-hub-signature-256"))
        entries = objects_at(json_object(callback.body), "entry")
        values = [change.get("value") for entry in entries for change in objects_at(entry, "changes")]
        statuses = [_status(status, now) for value in values for status in objects_at(value, "statuses")]
        messages = [_message_event(message, now) for value in values for message in objects_at(value, "messages")]
        return [event for event in statuses + messages if event]

    def answer(self, robot: Robot, callback: Callback, text: str | None = None) -> Reply:
        """The challenge of the set-up check, else an empty 200."""
        del text
        if callback.method != "GET":
            return Reply(HTTPStatus.OK)
        _check_verification(robot, callback)
        challenge = callback.query.get("hub.challenge", "")
        return Reply(HTTPStatus.OK, {"content-type": "text/plain; charset=utf-8"}, challenge.encode())

    def login(self, robot: Robot) -> Call | None:
        """The state of the number."""
        return Call("GET", self._number(robot) + "?fields=quality_rating,status,verified_name", _headers(robot))

    def login_outcome(self, reply: Reply) -> Outcome:
        """An id says that the token may read the number."""
        number = text_at(json_object(reply.body), "id")
        return Accepted(number) if number and reply.status == HTTPStatus.OK else self.outcome(reply)

    def _number(self, robot: Robot) -> str:
        return f"{self.base(robot)}/{VERSION}/{quote(robot.settings.get('phone_number_id', ''), safe='')}"


def _headers(robot: Robot) -> dict[str, str]:
    return {"authorization": f"Bearer {robot.secret.get('token', '')}"}


def _message(card: Card) -> dict[str, Any]:
    text = card_text(card, WhatsApp.longest)
    if not card.buttons or size(text, BUTTON_TEXT.unit) > BUTTON_TEXT.count:
        return {"type": "text", "text": {"body": text, "preview_url": False}}
    buttons = [
        {"type": "reply", "reply": {"id": button.value, "title": fitted(button.title, BUTTON_TITLE)}}
        for button in card.buttons[:MOST_BUTTONS]
    ]
    return {
        "type": "interactive",
        "interactive": {"type": "button", "body": {"text": text}, "action": {"buttons": buttons}},
    }


def _template(robot: Robot, card: Card) -> dict[str, Any]:
    """The template with the text in its only parameter, which may hold no line ends and no rows of spaces."""
    text = re.sub(r"\s+", " ", card_text(card, BUTTON_TEXT).replace("\n", " · "))
    return {
        "type": "template",
        "template": {
            "name": robot.settings.get("template", ""),
            "language": {"code": card.language.replace("-", "_")},
            "components": [
                {"type": "body", "parameters": [{"type": "text", "text": fitted(text, BUTTON_TEXT)}]},
                *(
                    {
                        "type": "button",
                        "sub_type": "quick_reply",
                        "index": str(index),
                        "parameters": [{"type": "payload", "payload": button.value}],
                    }
                    for index, button in enumerate(card.buttons[:MOST_BUTTONS])
                ),
            ],
        },
    }


def _refusal(error: object) -> Refused:
    code = text_at(error, "code")
    detail = text_at(error, "error_data", "details") or text_at(error, "message") or text_at(error, "title")
    # 132xxx are the faults of templates.
    codes = _CODES | ({code: Failure.CONTENT} if re.fullmatch(r"132\d{3}", code) else {})
    scope = Scope.CHAT if code in _OF_ONE_PERSON else Scope.ROBOT
    wait = DAY if code in _IN_A_DAY else PAIR_SECONDS if code == PAIR else None
    outcome = refused(codes, code, detail, wait, scope)
    if code != NEEDS_TEMPLATE:
        return outcome
    return Refused(outcome.failure, code, outcome.detail, use_template=True)


def _check_verification(robot: Robot, callback: Callback) -> None:
    check_equal(robot.secret.get("verify_token", ""), callback.query.get("hub.verify_token"))
    if callback.query.get("hub.mode") != "subscribe":
        raise Forged("the set-up check has no mode")


def _status(status: dict[str, Any], now: datetime) -> Event | None:
    message_id, kind = text_at(status, "id"), text_at(status, "status")
    at = moment(status.get("timestamp"), now)
    if not message_id:
        return None
    if kind == "failed":
        return Failed(message_id, _refusal(value_at(status, "errors", 0)), at)
    # "sent" is all that a blocked number ever gets.
    if kind == "delivered":
        return Delivered(message_id, at)
    return Read(message_id, at) if kind == "read" else None


def _message_event(message: dict[str, Any], now: datetime) -> Event | None:
    person, event_id = text_at(message, "from"), text_at(message, "id")
    at = moment(message.get("timestamp"), now)
    value = text_at(message, "interactive", "button_reply", "id") or text_at(message, "button", "payload")
    if not person or not event_id:
        return None
    if value:
        return Pressed(text_at(message, "context", "id") or None, value, person, at, event_id)
    text = text_at(message, "text", "body")
    return Written(person, person, text, at, event_id) if text else None
