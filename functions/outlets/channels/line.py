"""LINE Messaging API: developers.line.biz/en/reference/messaging-api."""

import base64
import uuid
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
from functions.outlets.channels.genuine import check_equal, check_size, hmac_sha256, moment
from functions.outlets.channels.replies import (
    SERVER_ERRORS,
    json_call,
    json_object,
    objects_at,
    parsed,
    shortened,
    text_at,
    wait_of,
)
from functions.outlets.channels.text import card_text, clean, fitted
from shared.kit.outside.exchange import Call, Reply

MILLISECONDS = 1000.0
ALTERNATIVE_TEXT = Length(400, Unit.UTF16)
TEMPLATE_TEXT = Length(160, Unit.UTF16)
BUTTON_TITLE = Length(20, Unit.UTF16)
MOST_BUTTONS = 4
# A retry key is a UUID. Equal keys of ours give equal UUIDs.
NAMESPACE = uuid.UUID("5b0f9a52-5a3c-5d8e-9f0e-6d3b9a1c7e42")
_TITLES = {"zh": "请回复", "ja": "返信してください", "es": "Responda", "de": "Bitte antworten", "en": "Please answer"}


class Line(BaseChannel):
    """An official account in a chat with a person, a group or a room."""

    name = "line"
    base_url = "https://api.line.me"
    windows = (Window(2000, 1, Scope.ROBOT),)
    longest = Length(5000, Unit.UTF16)
    native_key = True
    key_seconds = 24 * 60 * 60.0
    shows_tapper = True
    settings = (
        base_url_setting(base_url),
        Setting("token", secret=True, help="The channel access token."),
        Setting("channel_secret", secret=True, help="The channel secret: it signs callbacks."),
    )

    def send(self, robot: Robot, chat: str, card: Card, key: str, now: datetime) -> Call:
        """A push of the text, and of the buttons below it. Both count as one message."""
        del now
        messages: list[dict[str, Any]] = [{"type": "text", "text": card_text(card, self.longest)}]
        if card.buttons:
            messages.append(_buttons(card))
        headers = _headers(robot) | {"x-line-retry-key": str(uuid.uuid5(NAMESPACE, key))}
        return json_call("POST", f"{self.base(robot)}/v2/bot/message/push", {"to": chat, "messages": messages}, headers)

    def outcome(self, reply: Reply) -> Outcome:
        """By status and message. 409 says that the key was accepted before."""
        document = parsed(reply)
        if not isinstance(document, dict):
            return document
        message = shortened(document.get("message", ""))
        if reply.status in (HTTPStatus.OK, HTTPStatus.CONFLICT):
            return Accepted(text_at(document, "sentMessages", 0, "id") or None)
        if reply.status >= SERVER_ERRORS:
            return Unreadable(f"status {reply.status} {message}")
        details = " ".join(text_at(detail, "property") for detail in objects_at(document, "details"))
        failure = _failure(reply.status, f"{message} {details}".lower())
        return Refused(failure, str(reply.status), message, wait_of(reply))

    def events(self, robot: Robot, callback: Callback, now: datetime) -> list[Event]:
        """Signed events. Redelivered ones are old and genuine: the webhook event id is used once."""
        check_size(callback)
        secret = robot.secret.get("channel_secret", "")
        expected = base64.b64encode(hmac_sha256(secret, callback.body)).decode() if secret else ""
        check_equal(expected, callback.headers.get("x-line-signature"))
        events = [_event(event, now) for event in objects_at(json_object(callback.body), "events")]
        return [event for event in events if event]

    def look(self, robot: Robot, chat: str) -> Call | None:
        """The summary of a group or the profile of a person: both show nothing."""
        kind = {"C": "group/{}/summary", "R": "room/{}/members/count"}.get(chat[:1], "profile/{}")
        return Call("GET", f"{self.base(robot)}/v2/bot/{kind.format(quote(chat, safe=''))}", _headers(robot))

    def alive(self, reply: Reply) -> bool | Refused | Unreadable:
        """404 where the account has left, or is blocked."""
        if reply.status in (HTTPStatus.OK, HTTPStatus.NOT_FOUND):
            return reply.status == HTTPStatus.OK
        outcome = self.outcome(reply)
        return Unreadable(f"status {reply.status}") if isinstance(outcome, Accepted) else outcome

    def login(self, robot: Robot) -> Call | None:
        """bot/info."""
        return Call("GET", f"{self.base(robot)}/v2/bot/info", _headers(robot))

    def login_outcome(self, reply: Reply) -> Outcome:
        """As `outcome`."""
        return self.outcome(reply)


def _failure(status: int, text: str) -> Failure:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        # The monthly quota of the plan has the same status as the rate limit.
        return Failure.RIGHTS if "monthly limit" in text else Failure.LATER
    if status == HTTPStatus.BAD_REQUEST:
        is_chat = "failed to send messages" in text or "property, 'to'" in text or text.split()[-1:] == ["to"]
        return Failure.DEAD if is_chat else Failure.CONTENT
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return Failure.RIGHTS
    return Failure.CONTENT if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE else Failure.LATER


def _headers(robot: Robot) -> dict[str, str]:
    return {"authorization": f"Bearer {robot.secret.get('token', '')}"}


def _buttons(card: Card) -> dict[str, Any]:
    title = _TITLES.get(card.language[:2].lower(), _TITLES["en"])
    actions = [
        {"type": "postback", "label": fitted(button.title, BUTTON_TITLE), "data": button.value}
        for button in card.buttons[:MOST_BUTTONS]
    ]
    return {
        "type": "template",
        "altText": fitted(clean(card.text), ALTERNATIVE_TEXT) or title,
        "template": {"type": "buttons", "text": fitted(title, TEMPLATE_TEXT), "actions": actions},
    }


def _event(event: dict[str, Any], now: datetime) -> Event | None:
    kind, source, event_id = text_at(event, "type"), event.get("source"), text_at(event, "webhookEventId")
    person = text_at(source, "userId")
    chat = text_at(source, "groupId") or text_at(source, "roomId") or person
    at = moment(event.get("timestamp"), now, scale=MILLISECONDS)
    if not chat:
        return None
    if kind in {"unfollow", "leave"}:
        return Blocked(chat, at)
    if kind in {"follow", "join"}:
        return Unblocked(chat, at)
    data, text = text_at(event, "postback", "data"), text_at(event, "message", "text")
    if kind == "postback" and data:
        return Pressed(None, data, person, at, event_id)
    return Written(chat, person, text, at, event_id) if kind == "message" and text else None
