"""The base of all fake chat services: real HTTP servers on loopback with windows, bans, dead chats and callbacks.

A service says how a request is read and how an answer looks. Nothing here comes from the product's own channels.
"""

import secrets
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import httpx

from tests.simulators.chat.arrivals import DROPPED, REPEATED, SHOWN, Arrival, Log, Message
from tests.simulators.chat.windows import Window, Windows
from tests.simulators.faults import OF_CHATS, Fault
from tests.simulators.http_system import Answer, HttpSystem, Request, json_answer

CALLBACK_SECONDS = 10.0
PERSON = "person-1"


class Refused(Exception):
    """The service refuses: `kind` is later, banned, rights, content, dead or a code; `detail` belongs to the kind."""

    def __init__(self, kind: str, detail: Any = None) -> None:
        super().__init__(kind)
        self.kind, self.detail = kind, detail


class FakeChat(HttpSystem):
    """`settings` and `secrets` are what a robot of the product needs; `robot(2)` gives those of another robot.

    `callback_url` takes callbacks. `enforce=False` only logs, so that the log alone judges a pacer.
    `windows` replaces the service's own. `wall` is the service's clock.
    """

    channel: ClassVar[str] = ""
    limits: ClassVar[tuple[Window, ...]] = ()
    ban_seconds: ClassVar[float] = 0.0
    drops_over_the_limit: ClassVar[bool] = False
    native_key_seconds: ClassVar[float] = 0.0
    callback_tries: ClassVar[int] = 1

    def __init__(
        self,
        port: int = 0,
        *,
        file: Path | None = None,
        windows: Iterable[Window] | None = None,
        enforce: bool = True,
        callback_url: str = "",
    ) -> None:
        super().__init__(port)
        self.windows = Windows(self.limits if windows is None else windows, self.ban_seconds)
        self.enforce, self.callback_url = enforce, callback_url
        self.wall: Callable[[], float] = time.time
        self.dead_chats: set[str] = set()
        self.moved_chats: dict[str, str] = {}
        self.robots_without_rights: set[str] = set()
        self._log = Log(file)
        self._keys: dict[tuple[str, str], tuple[float, Arrival]] = {}
        self._send_lock = threading.Lock()
        self._current = threading.local()
        self._callbacks = httpx.Client(timeout=CALLBACK_SECONDS, trust_env=False, follow_redirects=False)

    def close(self) -> None:
        super().close()
        self._callbacks.close()

    # What a robot of the product needs

    def robot(self, number: int) -> tuple[dict[str, str], dict[str, str]]:
        """Settings and secrets of a robot; every number is one."""
        raise NotImplementedError

    @property
    def settings(self) -> dict[str, str]:
        return self.robot(1)[0]

    @property
    def secrets(self) -> dict[str, str]:
        return self.robot(1)[1]

    # What came

    @property
    def arrivals(self) -> list[Arrival]:
        """Requests to send that were shown, in order."""
        return [arrival for arrival in self._log.all() if arrival.outcome == SHOWN]

    @property
    def attempts(self) -> list[Arrival]:
        """All requests to send that could be read, also refused and dropped ones."""
        return self._log.all()

    def of_chat(self, chat: str) -> list[Arrival]:
        return [arrival for arrival in self.arrivals if arrival.chat == chat]

    # Requests

    def answer(self, request: Request) -> Answer:
        """The answer of the service. Raises Refused."""
        raise NotImplementedError

    def refusal(self, refused: Refused) -> Answer:
        """How the service says no."""
        raise NotImplementedError

    def respond(self, request: Request) -> Answer:
        try:
            return self.answer(request)
        except Refused as refused:
            return self.refusal(refused)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            return self.refusal(Refused("content", f"{type(error).__name__}: {error}"))

    def too_many(self, seconds: float) -> Answer:
        return self.refusal(Refused("later", seconds or 1.0))

    def unavailable(self) -> Answer:
        return json_answer({"message": "Service unavailable"}, 503)

    def session_lost(self, request: Request) -> Answer:
        del request
        return self.refusal(Refused("rights"))

    def _faulty(self, request: Request, fault: Fault) -> Answer | None:
        if fault.kind not in OF_CHATS:
            return super()._faulty(request, fault)
        if fault.kind != DROPPED:
            return self.refusal(Refused(fault.kind))
        self._current.dropped = True
        try:
            return self._good(request)
        finally:
            self._current.dropped = False

    def show(self, message: Message) -> Arrival:
        """Log a message and show it. Raises Refused."""
        with self._send_lock:
            now = time.monotonic()
            earlier = self._earlier(message, now)
            if earlier:
                self._note(message, now, REPEATED, earlier.message_id)
                raise Refused(REPEATED, earlier)
            refused = self._reason(message, now)
            if refused:
                self._note(message, now, refused.kind)
                raise refused
            arrival = self._note(message, now, self._outcome(message, now))
            if message.key and self.native_key_seconds:
                self._keys[message.robot, message.key] = (now, arrival)
            return arrival

    def _earlier(self, message: Message, now: float) -> Arrival | None:
        at, arrival = self._keys.get((message.robot, message.key or ""), (0.0, None))
        return arrival if arrival and now - at < self.native_key_seconds else None

    def _reason(self, message: Message, now: float) -> Refused | None:
        if message.robot in self.robots_without_rights:
            return Refused("rights")
        if self.enforce and (seconds := self.windows.banned(message.robot, now)):
            return Refused("banned", seconds)
        if message.chat in self.moved_chats:
            return Refused("moved", self.moved_chats[message.chat])
        if message.chat in self.dead_chats:
            return self.dead_answer(message)
        if self.drops_over_the_limit or not self.enforce:
            return None
        wait = self.windows.take(message.robot, message.chat, now, group=message.group)
        return Refused("later", wait) if wait else None

    def dead_answer(self, message: Message) -> Refused | None:
        """The answer of a dead chat: None if the service keeps quiet about it."""
        del message
        return Refused("dead")

    def _outcome(self, message: Message, now: float) -> str:
        quiet = message.chat in self.dead_chats or getattr(self._current, "dropped", False)
        if self.drops_over_the_limit and self.enforce:
            quiet = bool(self.windows.take(message.robot, message.chat, now, group=message.group)) or quiet
        return DROPPED if quiet else SHOWN

    def _note(self, message: Message, now: float, outcome: str, message_id: str | None = None) -> Arrival:
        return self._log.add(
            at=now,
            wall=self.wall(),
            robot=message.robot,
            chat=message.chat,
            text=message.text,
            buttons=message.buttons,
            key=message.key,
            message_id=message_id or self.new_id(),
            outcome=outcome,
            kind=message.kind,
        )

    def new_id(self) -> str:
        """An id of a message, as the service writes them."""
        return secrets.token_hex(8)

    # What people and the service do

    def press(self, arrival: Arrival, button: int | str = 0, person: str = PERSON) -> httpx.Response:
        """A person presses a button: by its place, its title or its value. The answer of the product's callback."""
        return self.call_back(self.pressed(arrival, _value(arrival, button), person))

    def receipt(self, arrival: Arrival, kind: str = "delivered") -> httpx.Response:
        """The service says that a message was delivered or read."""
        return self.call_back(self.received(arrival, kind))

    def write(self, chat: str, person: str, text: str) -> httpx.Response:
        """A person writes into a chat."""
        return self.call_back(self.written(chat, person, text))

    def block(self, chat: str) -> httpx.Response | None:
        """A person blocks the robot, or removes it from the group. None if the service does not say so."""
        self.dead_chats.add(chat)
        event = self.blocked(chat, blocked=True)
        return self.call_back(event) if event else None

    def unblock(self, chat: str) -> httpx.Response | None:
        self.dead_chats.discard(chat)
        event = self.blocked(chat, blocked=False)
        return self.call_back(event) if event else None

    def pressed(self, arrival: Arrival, value: str, person: str) -> httpx.Request:
        """The signed callback of a press; it can be sent twice, later, or changed."""
        raise NotImplementedError(f"{self.channel} has no callbacks for buttons.")

    def received(self, arrival: Arrival, kind: str) -> httpx.Request:
        raise NotImplementedError(f"{self.channel} has no receipts.")

    def written(self, chat: str, person: str, text: str) -> httpx.Request:
        raise NotImplementedError(f"{self.channel} does not pass on what people write.")

    def blocked(self, chat: str, *, blocked: bool) -> httpx.Request | None:
        del chat, blocked
        return None

    def call_back(self, request: httpx.Request) -> httpx.Response:
        """Post a callback as often as the service tries. Without a 2xx the last answer; a lost one raises."""
        for left in range(self.callback_tries - 1, -1, -1):
            try:
                reply = self._callbacks.send(request)
            except httpx.TransportError:
                if not left:
                    raise
                continue
            if reply.is_success:
                return reply
        return reply

    def post(self, body: bytes, headers: Mapping[str, str], **query: str) -> httpx.Request:
        """A callback with this body."""
        return httpx.Request("POST", self.callback_url, content=body, headers=dict(headers), params=query or None)


def _value(arrival: Arrival, button: int | str) -> str:
    values = [choice.value for choice in arrival.buttons if choice.value is not None]
    if isinstance(button, int):
        return values[button]
    by_title = [choice.value for choice in arrival.buttons if choice.title == button and choice.value is not None]
    return by_title[0] if by_title else button
