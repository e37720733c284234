"""Matrix, client-server API and application services: spec.matrix.org/latest."""

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
    Read,
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
    group,
    json_call,
    json_object,
    object_at,
    objects_at,
    parsed,
    refused,
    text_at,
    value_at,
)
from functions.outlets.channels.text import card_text
from shared.kit.outside.exchange import Call, Reply

MILLISECONDS = 1000.0
# A person presses a button by a reaction with its number.
NUMBERS = ("1️⃣", "2️⃣", "3️⃣", "4️⃣", "5️⃣")
_CODES = (
    group(Failure.LATER, "M_LIMIT_EXCEEDED")
    | group(Failure.DEAD, "M_FORBIDDEN", "M_NOT_FOUND", "M_GUEST_ACCESS_FORBIDDEN")
    | group(Failure.RIGHTS, "M_UNKNOWN_TOKEN", "M_MISSING_TOKEN", "M_USER_DEACTIVATED", "M_USER_SUSPENDED")
    | group(Failure.RIGHTS, "M_CONSENT_NOT_GIVEN", "M_RESOURCE_LIMIT_EXCEEDED", "M_UNRECOGNIZED", "M_USER_LOCKED")
    | group(Failure.CONTENT, "M_TOO_LARGE", "M_BAD_JSON", "M_NOT_JSON", "M_INVALID_PARAM")
)


class Matrix(BaseChannel):
    """A user of a homeserver that writes into rooms without end-to-end encryption."""

    name = "matrix"
    base_url = "https://matrix.org"
    # Synapse's default is a bucket of 10 that gains one each 5 s.
    windows = (Window(10, 50, Scope.ROBOT),)
    # An event has at most 65,536 bytes. Quotes and line ends take two bytes in it.
    longest = Length(30_000, Unit.BYTES)
    native_key = True
    key_seconds = 30 * 60.0  # Synapse forgets a transaction id after 30 minutes
    receipts = True
    shows_tapper = True
    settings = (
        base_url_setting(base_url),
        Setting("user_id", secret=False, help="The robot's own user, @robot:example.org."),
        Setting("token", secret=True, help="The access token of the robot's user."),
        Setting(
            "hs_token", secret=True, help="The hs_token of the application service; empty without one.", default=""
        ),
    )

    def send(self, robot: Robot, chat: str, card: Card, key: str, now: datetime) -> Call:
        """An event m.room.message; `key` is the transaction id. It mentions no user."""
        del now
        numbered = "".join(
            f"\n{NUMBERS[index]} {button.title}" for index, button in enumerate(card.buttons[: len(NUMBERS)])
        )
        text = card_text(card, Length(self.longest.count - len(numbered.encode()), Unit.BYTES)) + numbered
        path = f"/rooms/{quote(chat, safe='')}/send/m.room.message/{quote(key, safe='')}"
        content = {"msgtype": "m.text", "body": text, "m.mentions": {}}
        return json_call("PUT", self._client(robot) + path, content, _headers(robot))

    def outcome(self, reply: Reply) -> Outcome:
        """By `event_id` and `errcode` of the body."""
        document = parsed(reply)
        if not isinstance(document, dict):
            return document
        event_id, code = text_at(document, "event_id"), text_at(document, "errcode")
        if event_id and reply.status == HTTPStatus.OK:
            return Accepted(event_id)
        if not code or reply.status >= SERVER_ERRORS:
            return Unreadable(f"status {reply.status} {code}")
        wait = bounded_wait(document.get("retry_after_ms"))
        return refused(_CODES, code, document.get("error", ""), None if wait is None else wait / MILLISECONDS)

    def events(self, robot: Robot, callback: Callback, now: datetime) -> list[Event]:
        """A transaction of an application service. Its token is a header; an event's own id is used once."""
        check_size(callback)
        token = robot.secret.get("hs_token", "")
        check_equal(f"Bearer {token}" if token else "", callback.headers.get("authorization"))
        document = json_object(callback.body) or {}
        timeline = [_event(event, robot, now) for event in objects_at(document, "events")]
        short_lived = objects_at(document, "ephemeral") or objects_at(document, "de.sorunome.msc2409.ephemeral")
        receipts = [receipt for event in short_lived for receipt in _receipts(event, robot, now)]
        return [event for event in timeline if event] + receipts

    def answer(self, robot: Robot, callback: Callback, text: str | None = None) -> Reply:
        """An empty object: the homeserver sends the transaction again without it."""
        del robot, callback, text
        return Reply(HTTPStatus.OK, {"content-type": JSON_TYPE}, b"{}")

    def look(self, robot: Robot, chat: str) -> Call | None:
        """The joined members: an empty room still takes messages with 200."""
        return Call("GET", f"{self._client(robot)}/rooms/{quote(chat, safe='')}/joined_members", _headers(robot))

    def alive(self, reply: Reply) -> bool | Refused | Unreadable:
        """A room with another member than the robot."""
        joined = value_at(json_object(reply.body), "joined")
        if reply.status == HTTPStatus.OK and isinstance(joined, dict):
            return len(joined) > 1
        outcome = self.outcome(reply)
        if isinstance(outcome, Accepted):
            return Unreadable("joined_members without members")
        return False if isinstance(outcome, Refused) and outcome.failure is Failure.DEAD else outcome

    def login(self, robot: Robot) -> Call | None:
        """whoami."""
        return Call("GET", f"{self._client(robot)}/account/whoami", _headers(robot))

    def login_outcome(self, reply: Reply) -> Outcome:
        """A user id says that the token is good."""
        user = text_at(json_object(reply.body), "user_id")
        return Accepted(user) if user and reply.status == HTTPStatus.OK else self.outcome(reply)

    def _client(self, robot: Robot) -> str:
        return f"{self.base(robot)}/_matrix/client/v3"


def _headers(robot: Robot) -> dict[str, str]:
    return {"authorization": f"Bearer {robot.secret.get('token', '')}"}


def _event(event: dict[str, Any], robot: Robot, now: datetime) -> Event | None:
    room, sender, own = text_at(event, "room_id"), text_at(event, "sender"), robot.settings.get("user_id")
    kind, content, at = text_at(event, "type"), event.get("content"), _moment(event.get("origin_server_ts"), now)
    event_id = text_at(event, "event_id")
    if kind == "m.room.member" and own and text_at(event, "state_key") == own:
        has_left = text_at(content, "membership") in {"leave", "ban"}
        return Blocked(room, at) if has_left else Unblocked(room, at)
    # Without its own name the robot would answer itself for ever.
    if not own or not sender or sender == own or not event_id:
        return None
    if kind == "m.reaction":
        return _pressed(content, sender, at, event_id)
    if kind == "m.room.message" and text_at(content, "msgtype") == "m.text":
        return Written(room, sender, text_at(content, "body"), at, event_id)
    return None


def _pressed(content: object, sender: str, at: datetime, event_id: str) -> Event | None:
    message, reaction = (text_at(content, "m.relates_to", key) for key in ("event_id", "key"))
    numbers = [number for number, sign in enumerate(NUMBERS, 1) if _plain(sign) == _plain(reaction)]
    return Pressed(message, f"#{numbers[0]}", sender, at, event_id) if numbers and message else None


def _plain(reaction: str) -> str:
    """The reaction without the variation selector, which apps leave out."""
    return reaction.replace("\ufe0f", "")


def _receipts(event: dict[str, Any], robot: Robot, now: datetime) -> list[Event]:
    content = event.get("content")
    if text_at(event, "type") != "m.receipt" or not isinstance(content, dict):
        return []
    return [
        Read(message, _moment(value_at(receipt, "ts"), now))
        for message, kinds in content.items()
        for user, receipt in object_at(kinds, "m.read").items()
        if user != robot.settings.get("user_id")
    ]


def _moment(milliseconds: object, now: datetime) -> datetime:
    return moment(milliseconds, now, scale=MILLISECONDS)
