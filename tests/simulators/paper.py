"""ESC/POS bytes → what a printer puts on paper, as text to read and as a picture; from Epson's reference alone.

It shares nothing with the product but the standard: the tickets of one are judged by the other.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from tests.simulators.reader import Command, Reader

ROOT = Path(__file__).parents[2]
_FONT = ROOT / "node_modules/@fontsource/unifontex/files/unifontex-latin-400-normal.woff2"
_PAGES = {0: "cp437", 2: "cp850", 16: "cp1252", 17: "cp866", 18: "cp852", 19: "cp858"}
_DEFAULT_PITCH = 30
_FIRST_HAN = 0x2E80


@dataclass(frozen=True)
class Printed:
    """One line of text and its looks; `columns` are of font A, sizes and spaces counted."""

    text: str
    wide: int
    high: int
    bold: bool
    inverse: bool
    columns: int


@dataclass
class Sheet:
    """What comes out up to a cut. `pictures` are rows × dots of ink, `broken` are lines wider than the paper."""

    dots: int
    lines: list[Printed] = field(default_factory=list)
    pictures: list[Image.Image] = field(default_factory=list)
    pieces: list[Image.Image] = field(default_factory=list)
    broken: int = 0
    kicks: int = 0
    cut: str = ""

    @property
    def text(self) -> str:
        return "\n".join(" ".join(line.text.split()) for line in self.lines)

    @property
    def image(self) -> Image.Image:
        """Black on white, a dot a pixel."""
        sheet = Image.new("1", (self.dots, max(1, sum(piece.height for piece in self.pieces))), 255)
        top = 0
        for piece in self.pieces:
            sheet.paste(Image.new("1", piece.size, 0), (0, top), piece)
            top += piece.height
        return sheet


@dataclass
class _Mode:
    """How the printer is set."""

    size: int = 0
    bold: bool = False
    inverse: bool = False
    pitch: int = _DEFAULT_PITCH
    kanji: bool = False
    page: str = "cp437"


def printed(data: bytes, dots: int = 576, han: str = "gb18030") -> list[Sheet]:
    """The sheets that the bytes make on a printer whose two-byte font is in this encoding."""
    reader = Reader()
    press = Press(dots, han)
    for command in reader.feed(data):
        press.take(command)
    assert not reader.rest, "ends in the middle of a command"
    press.tear()
    return press.sheets


class Press:
    """Fed with commands; `sheets` are those that were cut off."""

    def __init__(self, dots: int, han: str = "gb18030") -> None:
        self.dots, self.han = dots, han
        self.sheets: list[Sheet] = []
        self.sheet = Sheet(dots)
        self.mode = _Mode()
        self.line: list[tuple[str, int, _Mode]] = []
        self._half = b""

    def take(self, command: Command) -> None:  # noqa: C901, PLR0912 - one case a command
        raw, mode = command.raw, self.mode
        match command.name:
            case "text":
                self.line += [(char, columns, _Mode(**vars(mode))) for char, columns in self._characters(raw)]
            case "LF":
                self._feed()
            case "ESC @":
                self.mode, self.line = _Mode(), []
            case "ESC E":
                mode.bold = bool(raw[2] & 1)
            case "ESC 3":
                mode.pitch = raw[2]
            case "ESC t":
                mode.page = _PAGES[raw[2]]
            case "ESC d":
                self._ink(Image.new("1", (self.dots, raw[2] * mode.pitch)))
            case "ESC p":
                self.sheet.kicks += 1
            case "GS !":
                mode.size = raw[2]
            case "FS !":
                assert bool(raw[2] & 4) == (mode.size >> 4 > 0), "Han characters of another size than the letters"
            case "GS B":
                mode.inverse = bool(raw[2] & 1)
            case "FS &" | "FS .":
                mode.kanji = command.name == "FS &"
            case "FS (":
                assert raw == b"\x1c(C\x02\x0002", raw  # character encoding: UTF-8
                mode.page = "utf-8"
            case "GS v":
                self._picture(raw)
            case "GS V":
                self._cut("full" if raw[2] in {0, 48, 65} else "partial")
            case _:
                raise AssertionError(f"a command that tickets have no use for: {command}")

    def _characters(self, raw: bytes) -> Iterator[tuple[str, int]]:
        """With their columns. What came in pieces may end in the middle of a character: that waits for the rest."""
        raw, self._half = self._half + raw, b""
        while raw:
            size = self._size(raw[0])
            if len(raw) < size:
                self._half = raw
                return
            char = raw[:size].decode(self.han if self.mode.kanji else self.mode.page, "replace")
            yield char, 1 if ord(char[0]) < _FIRST_HAN and not (self.mode.kanji and size > 1) else 2
            raw = raw[size:]

    def _size(self, first: int) -> int:
        if self.mode.kanji:
            return 1 if first < 0x80 else 2
        if self.mode.page != "utf-8":
            return 1
        return 1 + (first >= 0xC0) + (first >= 0xE0) + (first >= 0xF0)

    def _feed(self) -> None:
        high = max((mode.size & 7 for _, _, mode in self.line), default=0) + 1
        row, column = Image.new("1", (self.dots, max(self.mode.pitch, 24 * high))), 0
        for char, columns, mode in self.line:
            glyph = _glyph(char, columns, mode)
            row.paste(glyph, (column, 24 * (high - 1 - (mode.size & 7))))
            column += glyph.width
        self.sheet.broken += column > self.dots
        self.sheet.lines += self._told(column)
        self.line = []
        self._ink(row)

    def _told(self, dots: int) -> Iterator[Printed]:
        modes = [mode for char, _, mode in self.line if char != " "] or [mode for _, _, mode in self.line]
        if modes:
            mode = modes[0]
            text = "".join(char for char, _, _ in self.line)
            wide, high = (mode.size >> 4) + 1, (mode.size & 7) + 1
            yield Printed(text, wide, high, mode.bold, mode.inverse, dots // 12)

    def _picture(self, raw: bytes) -> None:
        assert not self.line, "a picture in the middle of a line is not printed"
        across, rows = raw[4] + 256 * raw[5], raw[6] + 256 * raw[7]
        ink = Image.frombytes("1", (across * 8, rows), raw[8:])
        self.sheet.broken += across * 8 > self.dots
        self.sheet.pictures.append(ink)
        self._ink(ink)

    def _ink(self, piece: Image.Image) -> None:
        self.sheet.pieces.append(piece)

    def tear(self) -> None:
        """Somebody tears off what hangs out, if anything does."""
        if self.sheet.pieces or self.sheet.kicks:
            self._cut("")

    def _cut(self, how: str) -> None:
        self.sheet.cut = how
        self.sheets.append(self.sheet)
        self.sheet = Sheet(self.dots)


def _glyph(char: str, columns: int, mode: _Mode) -> Image.Image:
    cell = Image.new("1", (12 * columns, 24))
    ImageDraw.Draw(cell).text((0, 0), char, fill=255, font=_font())
    if mode.inverse:
        cell = cell.point(lambda dot: 255 - dot)
    size = (cell.width * ((mode.size >> 4) + 1), 24 * ((mode.size & 7) + 1))
    return cell.resize(size, Image.Resampling.NEAREST)


@cache
def _font() -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(_FONT, 24)
