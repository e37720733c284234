"""Web push to browsers: the subscription itself is the guest's consent."""

import json
from datetime import datetime

from functions.outlets.channels.contract import (
    Accepted,
    Callback,
    Failure,
    Forged,
    Outcome,
    Refused,
    Robot,
    Setting,
    Token,
    Unreadable,
)
from functions.outlets.channels.replies import wait_of
from functions.outlets.guests.contract import GuestEvent, Push
from shared.kit.outside.exchange import Call, Reply
from shared.kit.web_push import PushOutcome, Server, push_outcome, push_request, server_of

ENDED = "ended"
LONGEST_TITLE, LONGEST_BODY = 120, 400
_FAILURES = {
    PushOutcome.LATER: Failure.LATER,
    PushOutcome.ENDED: Failure.DEAD,
    PushOutcome.RIGHTS: Failure.RIGHTS,
    PushOutcome.CONTENT: Failure.CONTENT,
}


class WebPush:
    """One VAPID key of a chain, at the push services of all browsers."""

    name = "web_push"
    receipts = False
    shows_tapper = False
    takes_rights = False
    native_key = False
    settings: tuple[Setting, ...] = (
        Setting("contact", secret=False, help="The address for operators of push services: mailto:… or https://…."),
        Setting("private_key", secret=True, help="The private VAPID key, 32 bytes as base64url."),
    )

    def server(self, robot: Robot) -> Server:
        """The key of the chain. Raises ValueError for a malformed one."""
        return server_of(robot.secret.get("private_key", ""), robot.settings.get("contact", ""))

    def token(self, robot: Robot) -> Call | None:
        """None: each request is signed."""
        del robot
        return None

    def token_outcome(self, reply: Reply) -> Token | Refused | Unreadable:
        """Never asked."""
        return Unreadable(f"web push has no tokens, status {reply.status}")

    def send(self, robot: Robot, push: Push, now: datetime) -> Call:
        """An encrypted message. Raises ValueError for a guest without a browser."""
        if push.subscription is None:
            raise ValueError("The guest has no browser.")
        message = {
            "title": push.values.get("title", "")[:LONGEST_TITLE],
            "body": push.values.get("body", "")[:LONGEST_BODY],
            "url": push.page,
        }
        content = json.dumps(message, ensure_ascii=False).encode()
        # The same push that is sent again replaces the first one while the browser has not shown it.
        request = push_request(self.server(robot), push.subscription, content, now, ttl=push.seconds, topic=push.push)
        return Call("POST", request.url, request.headers, request.body)

    def outcome(self, reply: Reply) -> Outcome:
        """By the status."""
        outcome = push_outcome(reply.status)
        if outcome is PushOutcome.ACCEPTED:
            return Accepted(reply.headers.get("location"))
        code = ENDED if outcome is PushOutcome.ENDED else str(reply.status)
        return Refused(_FAILURES[outcome], code, f"status {reply.status}", wait_of(reply))

    def events(self, robot: Robot, callback: Callback, now: datetime) -> list[GuestEvent]:
        """No push service calls back. Raises `Forged`."""
        del robot, callback, now
        raise Forged("web push has no callbacks")

    def answer(self, robot: Robot, callback: Callback) -> Reply:
        """Never asked."""
        del robot, callback
        return Reply(404)

    def field_fault(self, name: str) -> str | None:
        """A message of a browser has a title and a body."""
        return None if name in ("title", "body") else "A message of a browser has the fields title and body."
