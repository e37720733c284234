"""The font for a character that printers lack: Noto in slices, else UnifontEX.

A file is opened when a ticket first needs it. It stays open in the execution environment.
"""

import json
import sys
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from PIL import ImageFont

from shared.spine.errors import Misconfigured

# A layer has them in the cloud; npm has them on one machine.
FONT_FOLDERS = (
    Path("/opt/fonts"),
    Path(__file__).parents[3] / "node_modules",
    Path(sys.prefix).parent / "node_modules",
)


class Family(NamedTuple):
    """A package of slices. Its `unicode.json` lists the characters of each. `em`: the size in a cell of 24 dots."""

    package: str
    em: int
    weight: int


# With these sizes a letter is 12 dots wide, and Han characters have a small margin.
_EMOJI = Family("noto-emoji", 19, 600)
# In order of preference.
_FAMILIES = (
    Family("noto-sans-mono", 20, 600),
    Family("noto-sans-sc", 22, 600),
    _EMOJI,
    Family("noto-sans-arabic", 19, 600),
)
_LAST = Path("@fontsource/unifontex/files/unifontex-latin-400-normal.woff2")
_LAST_EM = 16
_JOINERS = {"\u200c", "\u200d"}
_IN_NO_FONT = "\U0010fffd"
_BOLD = 100  # on the scale of weights: 600 becomes 700


class Face(NamedTuple):
    """A font file at a size in a cell of 24 dots. `weight` is None for a font with one weight."""

    file: Path
    em: int
    weight: int | None


@lru_cache(maxsize=16384)
def face_of(text: str) -> tuple[Face, str]:
    """(the face, the text that it shows). An emoji that no face has is shown by its first character."""
    for family in _FAMILIES:
        files = {_file(family, char) for char in text if char not in _JOINERS}
        if len(files) == 1 and (file := files.pop()):
            return Face(file, family.em, family.weight), text
    if len(text) > 1 and _file(_EMOJI, text[0]):
        return face_of(text[0])
    return Face(_folder() / _LAST, _LAST_EM, None), text


@cache
def _file(family: Family, char: str) -> Path | None:
    """The slice with the character. The package lists more characters than its fonts have."""
    file = _slices(family.package).get(ord(char))
    if file is None or char.isspace():
        return file
    face = Face(file, family.em, family.weight)
    return file if _ink(face, char) not in {b"", _ink(face, _IN_NO_FONT)} else None


def _ink(face: Face, char: str) -> bytes:
    try:
        return bytes(font(face, 1, bold=True).getmask(char))
    except OSError:  # FreeType fails on the finest calligraphy
        return b""


@lru_cache(maxsize=256)
def font(face: Face, high: int, *, bold: bool) -> ImageFont.FreeTypeFont:
    """The face for lines of this height, 1 to 8 cells."""
    truetype = ImageFont.truetype(face.file, face.em * high, layout_engine=ImageFont.Layout.RAQM)
    if face.weight is not None:
        truetype.set_variation_by_axes([face.weight + _BOLD * bold])
    return truetype


@cache
def _folder() -> Path:
    for folder in FONT_FOLDERS:
        if (folder / "@fontsource-variable").is_dir():
            return folder
    raise Misconfigured("fonts_missing", "the fonts are neither in a layer nor in node_modules")


@cache
def _slices(package: str) -> dict[int, Path]:
    """The file of each code point."""
    folder = _folder() / "@fontsource-variable" / package
    ranges: dict[str, str] = json.loads((folder / "unicode.json").read_text())
    return {
        point: folder / f"files/{package}-{name.strip('[]')}-wght-normal.woff2"
        for name, listed in ranges.items()
        for span in listed.split(",")
        for point in _points(span)
    }


def _points(span: str) -> range:
    """U+3000-303F, or U+20AC."""
    first, _, last = span.strip().removeprefix("U+").partition("-")
    return range(int(first, 16), int(last or first, 16) + 1)
