"""Layout → ESC/POS bytes for a printer, by Epson's command reference.

A line is sent as text if the printer's font has all of it, else as a picture.
"""

from collections.abc import Iterable
from typing import NamedTuple

from PIL import Image

from functions.printing.ticket.page import Act, Block, Code, Text
from functions.printing.ticket.raster import logo, paint, pitch, qr_code, strips
from functions.printing.ticket.records import Encoding, Lack, Profile
from functions.printing.ticket.text import TWO_BYTE, printable, width

INITIALIZE = b"\x1b@"
_KANJI_ON, _KANJI_OFF = b"\x1c&", b"\x1c."
_UTF8 = b"\x1c(C\x02\x0002"
_KICK = b"\x1bp\x00\x19\xfa"  # pin 2, 50 ms on, 500 ms off
# ESC t: Epson's numbers of the code pages.
_PAGES = {
    Encoding.CP437: 0,
    Encoding.CP850: 2,
    Encoding.CP1252: 16,
    Encoding.CP866: 17,
    Encoding.CP852: 18,
    Encoding.CP858: 19,
}


def to_bytes(blocks: Iterable[Block], profile: Profile) -> bytes:
    """The bytes that print the blocks, from ESC @ to the cut."""
    writer = _Writer(profile)
    for block in blocks:
        writer.add(block)
    return bytes(writer.out)


class NativeText(NamedTuple):
    """A line in the printer's font: spaces of single width on both sides, the text at its size between."""

    before: int
    text: bytes
    behind: int


def native_text(line: Text, profile: Profile) -> NativeText | None:
    """The line in the printer's font. None where the line must be a picture."""
    if line.right_to_left and any(map(str.isalnum, line.start + line.end)):
        return None  # printers do not reorder text that runs from right to left
    if line.inverse and Lack.INVERSE in profile.lacks:
        return None
    if max(line.wide, line.high) > 1 and Lack.SIZES in profile.lacks:
        return None
    joined = _joined(line, profile)
    if (text := printable(joined, profile.encoding)) is None:
        return None
    free = profile.columns - width(joined, profile.encoding) * line.wide
    before = free // 2 if line.centred else 0
    # White on black fills the line.
    return NativeText(before, text, (free - before) * line.inverse)


def _joined(line: Text, profile: Profile) -> str:
    """The text of both sides with spaces between. The printer does no alignment."""
    if not line.end:
        return line.start
    text_width = width(line.start + line.end, profile.encoding)
    return line.start + " " * (profile.columns // line.wide - text_width) + line.end


def picture(block: Block, profile: Profile) -> Image.Image | None:
    """The block as a picture. None for a block without ink."""
    if isinstance(block, Code):
        return qr_code(block.content, profile.dots)
    if isinstance(block, Act):
        return logo(profile.logo, profile.dots) if block.kind == "logo" and profile.logo else None
    return paint(block, profile)


class _Writer:
    """The bytes so far, and the settings of the printer after them."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.out = bytearray(INITIALIZE + self._encoding())
        self._settings: dict[str, bytes] = {"bold": b"\x1bE\x00", "size": b"\x1d!\x00", "inverse": b"\x1dB\x00"}

    def add(self, block: Block) -> None:
        """Append the bytes of a block."""
        if isinstance(block, Act) and block.kind != "logo":
            self.out += _KICK if block.kind == "kick" else self._cut()
        elif isinstance(block, Text) and (native := native_text(block, self.profile)) is not None:
            self._text(block, native)
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

    def _text(self, line: Text, native: NativeText) -> None:
        self._set_once("bold", b"\x1bE" + bytes([line.bold]))
        self._set_once("inverse", b"\x1dB" + bytes([line.inverse]))
        self._set_once("pitch", b"\x1b3" + bytes([pitch(line.high)]))
        self._spaces(native.before, line)
        self._size(line.wide, line.high)
        if self.profile.encoding in TWO_BYTE and not native.text.isascii():
            # Clones scale Han characters only by this command, and at most to double size.
            self._set_once("han", b"\x1c!" + bytes([0x04 * (line.wide > 1) | 0x08 * (line.high > 1)]))
        self.out += native.text
        self._spaces(native.behind, line)
        self.out += b"\n"

    def _spaces(self, count: int, line: Text) -> None:
        if count:
            self._size(1, line.high if line.inverse else 1)
            self.out += b" " * count

    def _size(self, wide: int, high: int) -> None:
        self._set_once("size", b"\x1d!" + bytes([(wide - 1) << 4 | (high - 1)]))

    def _set_once(self, setting: str, command: bytes) -> None:
        if self._settings.get(setting) != command:
            self._settings[setting] = command
            self.out += command

    def _picture(self, image: Image.Image) -> None:
        for across, rows, data in strips(image):
            self.out += b"\x1dv0\x00" + bytes([across, 0, rows, 0]) + data

    def _cut(self) -> bytes:
        """The cutter is above the print head, so the paper is fed first."""
        if self.profile.cut == "none":
            return b"\x1bd\x06"
        full = self.profile.cut == "full"
        if Lack.CUT_FEED in self.profile.lacks:
            return b"\x1bd\x05\x1dV" + bytes([0 if full else 1])
        return b"\x1dV" + bytes([65 if full else 66, 0])
