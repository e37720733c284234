"""ESC/POS status and proof: commands, and the printer's replies told apart. Pure.

Sources: Epson's ESC/POS reference on DLE EOT, GS a, GS r and GS ( H. DLE ENQ is not here: it resumes or clears a job.
"""

from collections.abc import Sequence
from dataclasses import dataclass

INITIALIZE = b"\x1b@"
ASK_STATUS = tuple(b"\x10\x04" + bytes([n]) for n in (1, 2, 3, 4))
# Status by itself when the printer goes off line, has an error, or its paper changes. ESC @ switches it off.
REPORT_CHANGES = b"\x1da\x0e"
FENCE = b"\x1dr\x01"
# GS I 68: 5Fh, the serial number, NUL; queued behind the data, as the fence.
ASK_SERIAL = b"\x1dID"
_TEXT_HEADER = b"\x5f"

# The bits that tell replies apart, and what they are in a DLE EOT's answer and in the first byte of a status back.
_FIXED, _REALTIME, _CHANGED = 0x93, 0x12, 0x10
_ECHO_HEADER = b"\x37\x22"
_LONGEST_BLOCK = 80
_ASB_BYTES = 4


def echo_request(token: bytes) -> bytes:
    """GS ( H, function 48: the printer sends the four bytes back (each 20h to 7Eh) when all before is printed."""
    return b"\x1d(H\x06\x0000" + token


@dataclass(frozen=True)
class Realtime:
    """The answer to one DLE EOT."""

    byte: int


@dataclass(frozen=True)
class Changed:
    """The four bytes of automatic status back."""

    data: bytes


@dataclass(frozen=True)
class Fence:
    """The answer to one GS r."""

    byte: int


@dataclass(frozen=True)
class Serial:
    """The printer's serial number."""

    number: str


@dataclass(frozen=True)
class Echo:
    """The printer's reply to GS ( H."""

    token: bytes


Reply = Realtime | Changed | Fence | Echo | Serial


class Replies:
    """A printer's bytes → replies. One a connection: what a connection began, no other one ends."""

    def __init__(self) -> None:
        self._rest = b""
        # Whether a serial number was asked for: else its first byte is noise, and swallows no proof.
        self.serial_asked = False

    def feed(self, data: bytes) -> list[Reply]:
        """The replies that are complete by now."""
        self._rest += data
        replies = []
        while self._rest:
            length, reply = self._first()
            if not length:
                break
            self._rest = self._rest[length:]
            if reply:
                replies.append(reply)
        return replies

    def _first(self) -> tuple[int, Reply | None]:  # noqa: PLR0911 - a table of byte patterns
        """(bytes used, reply if it is one); no bytes are used while the first reply is not complete."""
        first = self._rest[0]
        if first in {0x11, 0x13}:  # XON, XOFF
            return 1, None
        if first == _ECHO_HEADER[0] or (first == _TEXT_HEADER[0] and self.serial_asked):
            return self._block()
        if first & _FIXED == _REALTIME:
            return 1, Realtime(first)
        if first & _FIXED == _CHANGED:
            head = self._rest[:_ASB_BYTES]
            if any(byte & 0x90 for byte in head[1:]):  # not the rest of a status: the first byte stood alone
                return 1, None
            return (_ASB_BYTES, Changed(head)) if len(head) == _ASB_BYTES else (0, None)
        if first & 0x90 == 0x00:
            return 1, Fence(first)
        return 1, None

    def _block(self) -> tuple[int, Reply | None]:
        end = self._rest.find(b"\0")
        if end < 0:
            return (1, None) if len(self._rest) > _LONGEST_BLOCK else (0, None)
        block = self._rest[:end]
        if block.startswith(_TEXT_HEADER):
            return end + 1, Serial(block[1:].decode("ascii", errors="replace").strip())
        return end + 1, Echo(block[2:]) if block.startswith(_ECHO_HEADER) else None


@dataclass(frozen=True)
class Status:
    """A printer's status as it reports it."""

    online: bool = True
    cover_open: bool = False
    paper: str = "ok"  # ok, low, out
    error: str = "none"  # none, recoverable, cutter, unrecoverable

    @property
    def ready(self) -> bool:
        """Whether what is sent now comes out on paper."""
        return self.trouble is None

    @property
    def trouble(self) -> str | None:
        """Why not, as a code."""
        if self.paper == "out":
            return "paper_out"
        if self.cover_open:
            return "cover_open"
        if self.error != "none":
            return f"error_{self.error}"
        return None if self.online else "offline"

    @classmethod
    def of_realtime(cls, answers: Sequence[int]) -> "Status":
        """From the answers to DLE EOT 1 to 4, in this order."""
        printer, cause, error, paper = answers
        return cls(
            online=not printer & 0x08,
            cover_open=bool(cause & 0x04),
            paper=_paper(near_end=bool(paper & 0x0C), out=bool(paper & 0x60 or cause & 0x20)),
            error=_error(error) if cause & 0x40 or error & 0x6C else "none",
        )

    @classmethod
    def of_change(cls, data: bytes) -> "Status":
        """From the four bytes of automatic status back."""
        first, second, third, _ = data
        return cls(
            online=not first & 0x08,
            cover_open=bool(first & 0x20),
            paper=_paper(near_end=bool(third & 0x03), out=bool(third & 0x0C)),
            error=_error(second) if second & 0x68 else "none",
        )


def _paper(*, near_end: bool, out: bool) -> str:
    return "out" if out else "low" if near_end else "ok"


def _error(bits: int) -> str:
    if bits & 0x20:
        return "unrecoverable"
    return "cutter" if bits & 0x08 else "recoverable"
