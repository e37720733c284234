"""Layout → ESC/POS bytes for a printer, by Epson's command reference.

Text goes in the printer's own font where that has all of a line, else the line goes as a picture.
"""

from collections.abc import Iterable
from typing import NamedTuple

from PIL import Image

from functions.printing.ticket.layout import Act, Block, Code, Text
from functions.printing.ticket.raster import logo, paint, pitch, qr_code, strips
from functions.printing.ticket.records import Encoding, Lack, Profile
from functions.printing.ticket.text import TWO_BYTE, printable, width

INITIALIZE = b"\x1b@"
_KANJI_ON, _KANJI_OFF = b"\x1c&", b"\x1c."
_UTF8 = b"\x1c(C\x02\x0002"
_KICK = b"\x1bp\x00\x19\xfa"  # pin 2, 50 ms on, 500 ms off
# ESC t: the pages' numbers at Epson.
_PAGES = {
    Encoding.CP437: 0,
    Encoding.CP850: 2,
    Encoding.CP1252: 16,
    Encoding.CP866: 17,
    Encoding.CP852: 18,
    Encoding.CP858: 19,
}


def to_bytes(blocks: Iterable[Block], profile: Profile) -> bytes:
    """What makes the printer print it, from ESC @ to the cut."""
    writer = _Writer(profile)
    for block in blocks:
        writer.add(block)
    return bytes(writer.out)


class Own(NamedTuple):
    """A line in the printer's own font: spaces of single width before and behind, text at its size between."""

    before: int
    text: bytes
    behind: int


def own_text(line: Text, profile: Profile) -> Own | None:
    """The line, or None where it has to be a picture."""
    if line.right_to_left and any(map(str.isalnum, line.start + line.end)):
        return None  # printers put nothing in the order in which it is read
    if line.inverse and Lack.INVERSE in profile.lacks:
        return None
    if max(line.wide, line.high) > 1 and Lack.SIZES in profile.lacks:
        return None
    joined = _joined(line, profile)
    if (text := printable(joined, profile.encoding)) is None:
        return None
    free = profile.columns - width(joined, profile.encoding) * line.wide
    before = free // 2 if line.centred else 0
    # White on black fills the whole line.
    return Own(before, text, (free - before) * line.inverse)


def _joined(line: Text, profile: Profile) -> str:
    """What is at both sides, with spaces between: the printer is asked to align nothing."""
    if not line.end:
        return line.start
    taken = width(line.start + line.end, profile.encoding)
    return line.start + " " * (profile.columns // line.wide - taken) + line.end


def picture(block: Block, profile: Profile) -> Image.Image | None:
    """The block where it is not in the printer's own font; None where it is no ink at all."""
    if isinstance(block, Code):
        return qr_code(block.content, profile.dots)
    if isinstance(block, Act):
        return logo(profile.logo, profile.dots) if block.what == "logo" and profile.logo else None
    return paint(block, profile)


class _Writer:
    """Bytes so far, and how the printer is set by them."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.out = bytearray(INITIALIZE + self._encoding())
        self._set: dict[str, bytes] = {"bold": b"\x1bE\x00", "size": b"\x1d!\x00", "inverse": b"\x1dB\x00"}

    def add(self, block: Block) -> None:
        """One more."""
        if isinstance(block, Act) and block.what != "logo":
            self.out += _KICK if block.what == "kick" else self._cut()
        elif isinstance(block, Text) and (own := own_text(block, self.profile)) is not None:
            self._text(block, own)
        elif (image := picture(block, self.profile)) is not None:
            self._picture(image)

    def _encoding(self) -> bytes:
        encoding = self.profile.encoding
        if encoding in TWO_BYTE:
            return _KANJI_ON
        if encoding == Encoding.UTF8:
            return _UTF8
        if encoding == Encoding.RASTER:
            return b""
        page = _PAGES[encoding] if self.profile.code_page is None else self.profile.code_page
        return _KANJI_OFF + (b"" if Lack.CODE_PAGES in self.profile.lacks else b"\x1bt" + bytes([page]))

    def _text(self, line: Text, own: Own) -> None:
        self._let("bold", b"\x1bE" + bytes([line.bold]))
        self._let("inverse", b"\x1dB" + bytes([line.inverse]))
        self._let("pitch", b"\x1b3" + bytes([pitch(line.high)]))
        self._spaces(own.before, line)
        self._size(line.wide, line.high)
        if self.profile.encoding in TWO_BYTE and not own.text.isascii():
            # Clones size Han characters by this alone; it knows no more than double.
            self._let("han", b"\x1c!" + bytes([0x04 * (line.wide > 1) | 0x08 * (line.high > 1)]))
        self.out += own.text
        self._spaces(own.behind, line)
        self.out += b"\n"

    def _spaces(self, count: int, line: Text) -> None:
        if count:
            self._size(1, line.high if line.inverse else 1)
            self.out += b" " * count

    def _size(self, wide: int, high: int) -> None:
        self._let("size", b"\x1d!" + bytes([(wide - 1) << 4 | (high - 1)]))

    def _let(self, what: str, command: bytes) -> None:
        if self._set.get(what) != command:
            self._set[what] = command
            self.out += command

    def _picture(self, image: Image.Image) -> None:
        for across, rows, data in strips(image):
            self.out += b"\x1dv0\x00" + bytes([across, 0, rows, 0]) + data

    def _cut(self) -> bytes:
        """The cutter sits above the head, so that paper has to be fed first."""
        if self.profile.cut == "none":
            return b"\x1bd\x06"
        full = self.profile.cut == "full"
        if Lack.CUT_FEED in self.profile.lacks:
            return b"\x1bd\x05\x1dV" + bytes([0 if full else 1])
        return b"\x1dV" + bytes([65 if full else 66, 0])
