"""A fake chat service in a process of its own: it shares no interpreter with the measured workers."""

import multiprocessing
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from tests.simulators.chat.arrivals import SHOWN, Arrival, read
from tests.simulators.chat.fakes import fake_chat

PATIENCE = 60.0


class ChatService:
    """The service as a robot knows it, and the log of its arrivals. Times are those of this machine."""

    def __init__(self, about: dict[str, Any], log: "Tail") -> None:
        self.channel: str = about["channel"]
        self.url: str = about["url"]
        self.settings: dict[str, str] = about["settings"]
        self.secrets: dict[str, str] = about["secrets"]
        self._log = log

    @property
    def arrivals(self) -> list[Arrival]:
        """Requests to send that were shown, in order."""
        self._log.read()
        return self._log.shown

    def of_chat(self, chat: str) -> list[Arrival]:
        """Those of one chat."""
        self._log.read()
        return self._log.by_chat[chat]


class Tail:
    """The new lines of a growing log."""

    def __init__(self, file: Path) -> None:
        self._file, self._read = file, 0
        self.shown: list[Arrival] = []
        self.by_chat: dict[str, list[Arrival]] = defaultdict(list)

    def read(self) -> None:
        """Read what came since the last look. A line that is not whole yet waits."""
        with self._file.open("rb") as log:
            log.seek(self._read)
            new = log.read()
        whole = new[: new.rfind(b"\n") + 1]
        self._read += len(whole)
        for arrival in read(whole.decode()):
            if arrival.outcome == SHOWN:
                self.shown.append(arrival)
                self.by_chat[arrival.chat].append(arrival)


@contextmanager
def chat_service(channel: str, *, enforce: bool = True) -> Iterator[ChatService]:
    """The service of a channel. `enforce=False` only logs what would break its windows."""
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory(prefix="dumbwaiter-chat-") as folder:
        file = Path(folder) / "arrivals.jsonl"
        file.touch()
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(channel, file, enforce, theirs))
        process.start()
        theirs.close()
        try:
            if not ours.poll(PATIENCE):
                raise AssertionError(f"the fake of {channel} did not start")
            yield ChatService(ours.recv(), Tail(file))
        finally:
            ours.close()
            process.join(PATIENCE)


def _serve(channel: str, file: Path, enforce: bool, pipe: Connection) -> None:  # noqa: FBT001 - of a process
    """Serve until the other end of the pipe is closed."""
    with fake_chat(channel, file=file, enforce=enforce) as fake:
        about = {"channel": channel, "url": fake.url, "settings": fake.settings, "secrets": fake.secrets}
        pipe.send(about)
        with suppress(EOFError):
            pipe.recv()
