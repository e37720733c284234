"""The log of a fake chat service: each request to send, with what became of it. It may lie in a file of JSON lines."""

import json
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

AGAIN = ("again", "再次", "重发", "otra vez", "erneut")
SHOWN, DROPPED, REPEATED = "shown", "dropped", "repeated"


@dataclass(frozen=True)
class Button:
    """A button under a message: `value` comes back when it is pressed, `url` opens a page."""

    title: str
    value: str | None = None
    url: str | None = None


@dataclass(frozen=True)
class Message:
    """A message that a request asks to show. `key` is the service's own key against a second message."""

    robot: str
    chat: str
    text: str
    buttons: tuple[Button, ...] = ()
    key: str | None = None
    group: bool = False
    kind: str = "text"


@dataclass(frozen=True)
class Arrival:
    """A request to send. `outcome`: shown, dropped (accepted, never shown), repeated (same key), or a code.

    `at` is monotonic seconds, `wall` is seconds since 1970; both are when the request came.
    """

    number: int
    at: float
    wall: float
    robot: str
    chat: str
    text: str
    buttons: tuple[Button, ...]
    key: str | None
    message_id: str
    outcome: str
    kind: str = "text"
    edits: list[dict[str, Any]] = field(default_factory=list, compare=False)

    @property
    def again(self) -> bool:
        """Whether its text says that it may be known already."""
        return any(word in self.text.lower() for word in AGAIN)

    @property
    def links(self) -> list[str]:
        """Addresses in its buttons and in its text."""
        in_text = [word for word in self.text.replace("(", " ").replace(")", " ").split() if "://" in word]
        return [button.url for button in self.buttons if button.url] + [_address(word) for word in in_text]


def _address(word: str) -> str:
    return word[word.index("http") :].strip("<>\"'\uff0c\u3002")


class Log:
    """Arrivals in order. With a file they survive the death of the process."""

    def __init__(self, file: Path | None = None) -> None:
        self._file, self._lock = file, threading.Lock()
        self._arrivals = list(read(file.read_text(encoding="utf-8"))) if file and file.exists() else []

    def add(self, **fields: Any) -> Arrival:
        with self._lock:
            arrival = Arrival(number=len(self._arrivals) + 1, **fields)
            if self._file:
                with self._file.open("a", encoding="utf-8") as out:
                    out.write(json.dumps(asdict(arrival), ensure_ascii=False) + "\n")
            self._arrivals.append(arrival)
            return arrival

    def all(self) -> list[Arrival]:
        with self._lock:
            return list(self._arrivals)


def read(text: str) -> Iterator[Arrival]:
    """The arrivals of a log; a last line that is not whole yet is left out."""
    for line in text.splitlines(keepends=True):
        if line.endswith("\n"):
            fields = json.loads(line)
            yield Arrival(**{**fields, "buttons": tuple(Button(**button) for button in fields["buttons"])})
