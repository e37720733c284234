"""Slack, Web API and signed callbacks: api.slack.com/methods/chat.postMessage. Mostly for operations."""

from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, quote

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
    Unit,
    Unreadable,
    Window,
    Written,
)
from functions.outlets.channels.genuine import check_equal, check_fresh, check_size, hmac_sha256, moment
from functions.outlets.channels.replies import (
    group,
    json_call,
    json_object,
    objects_at,
    parsed,
    refused,
    text_at,
    value_at,
    wait_of,
)
from functions.outlets.channels.text import card_text, fitted
from shared.kit.outside.exchange import Call, Reply

# An interactive callback has one field, `payload`.
MOST_FIELDS = 5

BUTTON_TITLE = Length(75, Unit.CHARACTERS)
_CODES = (
    group(Failure.LATER, "ratelimited", "rate_limited", "service_unavailable", "request_timeout", "team_added_to_org")
    | group(Failure.DEAD, "is_archived", "channel_not_found", "not_in_channel", "restricted_action", "user_not_found")
    | group(
        Failure.RIGHTS,
        *("invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive", "missing_scope"),
        *("no_permission", "org_login_required", "ekm_access_denied", "access_denied", "not_allowed_token_type"),
    )
    | group(
        Failure.CONTENT, "msg_too_long", "no_text", "invalid_blocks", "msg_blocks_too_long", "invalid_blocks_format"
    )
)
# Slack says of these that a part of the action may have been done.
_IN_DOUBT = frozenset({"internal_error", "fatal_error"})
_ENDED = frozenset(
    {"channel_archive", "group_archive", "channel_deleted", "group_deleted", "channel_left", "group_left"}
)


class Slack(BaseChannel):
    """An app with a bot token."""

    name = "slack"
    base_url = "https://slack.com"
    windows = (Window(1, 1, Scope.CHAT),)
    longest = Length(3000, Unit.CHARACTERS)
    shows_tapper = True
    settings = (
        base_url_setting(base_url),
        Setting("token", secret=True, help="The bot token, xoxb-…, with chat:write and channels:read."),
        Setting("signing_secret", secret=True, help="The signing secret on the app's page Basic Information."),
    )

    def send(self, robot: Robot, chat: str, card: Card, key: str, now: datetime) -> Call:
        """Blocks of plain text, so that `<!channel>` in the text of a guest mentions no person."""
        del key, now
        text = card_text(card, self.longest)
        blocks: list[dict[str, Any]] = [{"type": "section", "text": _plain(text)}]
        if card.buttons:
            blocks.append(
                {
                    "type": "actions",
                    "elements": [_button(button.id, button.title, button.value) for button in card.buttons],
                }
            )
        message = {
            "channel": chat,
            "text": _escaped(text),
            "blocks": blocks,
            "unfurl_links": False,
            "unfurl_media": False,
        }
        return json_call("POST", self._method(robot, "chat.postMessage"), message, self._headers(robot))

    def outcome(self, reply: Reply) -> Outcome:
        """By `ok` and `error` of the body."""
        document = parsed(reply)
        if not isinstance(document, dict):
            return document
        if document.get("ok") is True:
            channel, ts = text_at(document, "channel"), text_at(document, "ts")
            return Accepted(f"{channel}:{ts}" if ts else None)
        code = text_at(document, "error") or "none"
        if code in _IN_DOUBT:
            return Unreadable(code)
        return refused(_CODES, code, document.get("needed", code), wait_of(reply), scope=None)

    def events(self, robot: Robot, callback: Callback, now: datetime) -> list[Event]:
        """Pressed buttons are a form, other events are JSON. Both are signed with their time."""
        check_genuine(robot.secret.get("signing_secret", ""), callback, now)
        document = _document(callback)
        if text_at(document, "type") == "block_actions":
            return _pressed(document, now)
        return _told(document, now)

    def answer(self, robot: Robot, callback: Callback, text: str | None = None) -> Reply:
        """The challenge of the set-up, or an empty 200 within three seconds."""
        del robot, text
        challenge = text_at(json_object(callback.body), "challenge")
        return Reply(HTTPStatus.OK, {"content-type": "text/plain; charset=utf-8"}, challenge.encode())

    def look(self, robot: Robot, chat: str) -> Call | None:
        """conversations.info shows nothing in the channel."""
        url = self._method(robot, "conversations.info") + f"?channel={quote(chat, safe='')}"
        return Call("GET", url, self._headers(robot))

    def alive(self, reply: Reply) -> bool | Refused | Unreadable:
        """A channel that is not archived and has the bot in it."""
        outcome = self.outcome(reply)
        if isinstance(outcome, Accepted):
            channel = value_at(json_object(reply.body), "channel")
            return value_at(channel, "is_archived") is not True and value_at(channel, "is_member") is not False
        return False if isinstance(outcome, Refused) and outcome.failure is Failure.DEAD else outcome

    def login(self, robot: Robot) -> Call | None:
        """auth.test."""
        return json_call("POST", self._method(robot, "auth.test"), {}, self._headers(robot))

    def login_outcome(self, reply: Reply) -> Outcome:
        """As `outcome`."""
        return self.outcome(reply)

    def _method(self, robot: Robot, method: str) -> str:
        return f"{self.base(robot)}/api/{method}"

    def _headers(self, robot: Robot) -> dict[str, str]:
        return {"authorization": f"Bearer {robot.secret.get('token', '')}"}


def check_genuine(secret: str, callback: Callback, now: datetime) -> None:
    """Raise `Forged` unless Slack signed the body with its time."""
    check_size(callback)
    ts = callback.headers.get("x-slack-request-timestamp", "")
    content = b"v0:" + ts.encode("utf-8", "replace") + b":" + callback.body
    expected = f"v0={hmac_sha256(secret, content).hex()}" if secret else ""
    check_equal(expected, callback.headers.get("x-slack-signature"))
    check_fresh(ts, now)


def _document(callback: Callback) -> dict[str, Any]:
    if callback.body.startswith(b"payload="):
        try:
            form = parse_qs(callback.body.decode("utf-8", "replace"), max_num_fields=MOST_FIELDS)
        except ValueError:
            return {}
        return json_object(form.get("payload", [""])[0].encode()) or {}
    return json_object(callback.body) or {}


def _pressed(document: dict[str, Any], now: datetime) -> list[Event]:
    person, channel = text_at(document, "user", "id"), text_at(document, "channel", "id")
    ts = text_at(document, "message", "ts") or text_at(document, "container", "message_ts")
    message_id = f"{channel}:{ts}" if ts else None
    return [
        Pressed(
            message_id,
            text_at(action, "value"),
            person,
            moment(action.get("action_ts"), now),
            # A slow reply makes Slack send it again: the time of the press is the same then.
            f"press {person} {text_at(action, 'action_ts')} {text_at(action, 'action_id')}",
        )
        for action in objects_at(document, "actions")
        if person and text_at(action, "value")
    ]


def _told(document: dict[str, Any], now: datetime) -> list[Event]:
    event = value_at(document, "event")
    kind, chat, person = text_at(event, "type"), text_at(event, "channel"), text_at(event, "user")
    at = moment(document.get("event_time"), now)
    if kind in _ENDED and chat:
        return [Blocked(chat, at)]
    own = value_at(event, "bot_id") or value_at(event, "subtype")
    if kind == "message" and chat and person and not own:
        return [Written(chat, person, text_at(event, "text"), at, f"event {text_at(document, 'event_id')}")]
    return []


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}


def _button(action: str, title: str, value: str) -> dict[str, Any]:
    return {"type": "button", "action_id": action, "value": value, "text": _plain(fitted(title, BUTTON_TITLE))}


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
