"""The defaults that most channels share: no token, no callback, no way to look."""

from datetime import datetime
from http import HTTPStatus

from functions.outlets.channels.contract import (
    Accepted,
    Callback,
    Event,
    Forged,
    Length,
    Outcome,
    Refused,
    Robot,
    Setting,
    Token,
    Unit,
    Unreadable,
    Window,
)
from shared.kit.outside.exchange import Call, Reply


class BaseChannel:
    """The defaults of a channel. A channel overrides what its service can do."""

    name: str = ""
    base_url: str = ""
    windows: tuple[Window, ...] = ()
    longest = Length(2000, Unit.CHARACTERS)
    native_key: bool = False
    key_seconds: float = 0.0
    receipts: bool = False
    shows_tapper: bool = False
    settings: tuple[Setting, ...] = ()

    def base(self, robot: Robot) -> str:
        """The service's address, without a slash at its end."""
        return (robot.settings.get("base_url") or self.base_url).rstrip("/")

    def events(self, robot: Robot, callback: Callback, now: datetime) -> list[Event]:
        """No callback is genuine where the service sends none."""
        del robot, callback, now
        raise Forged(f"{self.name} sends no callbacks")

    def answer(self, robot: Robot, callback: Callback, text: str | None = None) -> Reply:
        """An empty 200."""
        del robot, callback, text
        return Reply(HTTPStatus.OK)

    def token(self, robot: Robot) -> Call | None:
        """None: the secret itself is sent."""
        del robot
        return None

    def token_outcome(self, reply: Reply) -> Token | Refused | Unreadable:
        """Never asked."""
        return Unreadable(f"{self.name} has no tokens, status {reply.status}")

    def look(self, robot: Robot, chat: str) -> Call | None:
        """None: nothing can be asked without a message."""
        del robot, chat
        return None

    def alive(self, reply: Reply) -> bool | Refused | Unreadable:
        """Never asked."""
        return Unreadable(f"{self.name} can't look, status {reply.status}")

    def login(self, robot: Robot) -> Call | None:
        """None: only a message tells whether the robot has its rights."""
        del robot
        return None

    def login_outcome(self, reply: Reply) -> Outcome:
        """The outcome by the status."""
        return Accepted() if reply.status == HTTPStatus.OK else Unreadable(f"status {reply.status}")


def base_url_setting(default: str) -> Setting:
    """The setting that every channel has."""
    return Setting("base_url", secret=False, help="The address of the service.", default=default)
