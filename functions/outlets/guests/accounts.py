"""WeChat's mini-program and official account as services of guests."""

import re
from datetime import datetime

from functions.outlets.channels.contract import Callback, Outcome, Refused, Robot, Setting, Token, Unreadable
from functions.outlets.guests import wechat
from functions.outlets.guests.contract import GuestEvent, Push
from shared.kit.outside.exchange import Call, Reply

CALLBACK, API = "callback", "api"
_FIELD = re.compile(r"[a-z_]{1,24}[0-9]{0,2}")


class Wechat:
    """The token, the envelope of callbacks and the codes of replies are the same for both kinds of account."""

    receipts = True
    shows_tapper = False
    settings: tuple[Setting, ...] = wechat.SETTINGS

    def token(self, robot: Robot) -> Call | None:
        """stable_token."""
        return wechat.token_call(robot)

    def token_outcome(self, reply: Reply) -> Token | Refused | Unreadable:
        """`access_token` and `expires_in`."""
        return wechat.token_outcome(reply)

    def outcome(self, reply: Reply) -> Outcome:
        """By `errcode`."""
        return wechat.push_outcome(reply)

    def events(self, robot: Robot, callback: Callback, now: datetime) -> list[GuestEvent]:
        """Consents, results and followers. Raises `Forged`."""
        return wechat.guest_events(robot, callback, now)

    def answer(self, robot: Robot, callback: Callback) -> Reply:
        """The echo of the set-up check, or `success`."""
        return wechat.answer(robot, callback)

    def field_fault(self, name: str) -> str | None:
        """A field is a kind with a number, such as `thing1`."""
        return None if _FIELD.fullmatch(name) else "A field has the name that WeChat shows, such as thing1."


class MiniProgram(Wechat):
    """Subscription messages: each uses up one accept of the guest."""

    name = "wechat_mini_program"
    takes_rights = True
    native_key = False
    settings = (
        *wechat.SETTINGS,
        Setting("source_id", secret=False, help="The id of the mini-program as a source of orders, such as app."),
        Setting(
            "accepts_from",
            secret=False,
            help="`callback`: WeChat tells each accept. `api`: the mini-program tells it. Never both.",
            default=CALLBACK,
        ),
    )

    def send(self, robot: Robot, push: Push, now: datetime) -> Call:
        """A subscription message."""
        del now
        return wechat.subscription_call(robot, push)


class OfficialAccount(Wechat):
    """Template messages to followers."""

    name = "wechat_official_account"
    takes_rights = False
    native_key = True

    def send(self, robot: Robot, push: Push, now: datetime) -> Call:
        """A template message."""
        del now
        return wechat.template_call(robot, push)
