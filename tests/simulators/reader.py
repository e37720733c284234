"""ESC/POS bytes → commands, as they arrive; written from Epson's reference, not from the agent."""

from collections.abc import Callable
from dataclasses import dataclass

DLE, ESC, FS, GS = 0x10, 0x1B, 0x1C, 0x1D
# Parameters after the two bytes of a command.
_FIXED = {
    ESC: {
        **dict.fromkeys(b"@2im<", 0),
        **dict.fromkeys(b"!EadJtRM-3G{V =rTU", 1),
        **dict.fromkeys(b"$\\c", 2),
        ord("p"): 3,
    },
    FS: {**dict.fromkeys(b"&.", 0), **dict.fromkeys(b"!-WC", 1), **dict.fromkeys(b"Sp", 2)},
    GS: {**dict.fromkeys(b":", 0), **dict.fromkeys(b"!BraHhwfI/b", 1), **dict.fromkeys(b"LWP$\\", 2)},
    DLE: {0x04: 1, 0x05: 1, 0x14: 3},
}


@dataclass(frozen=True)
class Command:
    """`name` is the two bytes as text (`ESC @`), `text` for what prints, `LF` for the end of a line."""

    name: str
    raw: bytes

    @property
    def data(self) -> bytes:
        return self.raw[2:]


class Reader:
    """Bytes in any pieces → whole commands."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, data: bytes) -> list[Command]:
        self._rest += data
        commands = []
        while self._rest and (command := self._first()):
            del self._rest[: len(command.raw)]
            commands.append(command)
        return commands

    @property
    def rest(self) -> bytes:
        """What is not a whole command yet."""
        return bytes(self._rest)

    def _first(self) -> Command | None:
        head = self._rest[0]
        if head == 0x0A:
            return Command("LF", b"\n")
        if head not in _FIXED:
            end = next((i for i, byte in enumerate(self._rest) if byte in _FIXED or byte == 0x0A), len(self._rest))
            return Command("text", bytes(self._rest[:end]))
        if len(self._rest) < 2:
            return None
        length = self._length(head, self._rest[1])
        if length is None or len(self._rest) < length:
            return None
        prefix = {DLE: "DLE", ESC: "ESC", FS: "FS", GS: "GS"}[head]
        return Command(f"{prefix} {chr(self._rest[1])}", bytes(self._rest[:length]))

    def _length(self, head: int, second: int) -> int | None:
        """Of the whole command; None if more bytes are needed to know."""
        if (parameters := _FIXED[head].get(second)) is not None:
            return 2 + parameters
        if (special := _SPECIAL.get((head, chr(second)))) is None:
            return 2
        try:
            return special(self._rest)
        except IndexError:
            return None


def _two(data: bytearray, at: int) -> int:
    return data[at] + 256 * data[at + 1]


def _barcode(data: bytearray) -> int:
    return data.index(0, 3) + 1 if data[2] <= 6 else 4 + data[3]


def _cut(data: bytearray) -> int:
    return 4 if data[2] in {65, 66, 97, 98, 103, 104} else 3


_SPECIAL: dict[tuple[int, str], Callable[[bytearray], int]] = {
    (ESC, "*"): lambda data: 5 + _two(data, 3) * (3 if data[2] >= 32 else 1),
    (GS, "V"): _cut,
    (GS, "v"): lambda data: 8 + _two(data, 4) * _two(data, 6),
    (GS, "("): lambda data: 5 + _two(data, 3),
    (FS, "("): lambda data: 5 + _two(data, 3),
    (GS, "8"): lambda data: 7 + _two(data, 3) + 65536 * _two(data, 5),
    (GS, "k"): _barcode,
}
