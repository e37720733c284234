"""Which font shows a character, where printers' own fonts do not: Noto in slices, and UnifontEX for all the rest.

Files are opened when a ticket first needs them; what is open stays with the execution environment.
"""

import json
import sys
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from PIL import ImageFont

from shared.spine.errors import Misconfigured

# In the cloud the layer brings them, on one machine npm.
PLACES = (
    Path("/opt/fonts"),
    Path(__file__).parents[2] / "node_modules",
    Path(sys.prefix).parent / "node_modules",
)


class Family(NamedTuple):
    """A package of slices: `unicode.json` says which characters each has. `em` is its size in a cell of 24 dots."""

    package: str
    em: int
    weight: int


# Sizes make a letter 12 dots wide, and leave Han characters a little air.
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
_NOBODY_HAS = "\U0010fffd"
_BOLD = 100  # on the scale of weights: 600 becomes 700


class Face(NamedTuple):
    """A font file at a size in a cell of 24 dots; `weight` is None where it has one only."""

    file: Path
    em: int
    weight: int | None


@lru_cache(maxsize=16384)
def face_of(text: str) -> tuple[Face, str]:
    """The face that shows all of a cluster or word, and it; of an emoji that no face has whole, its first part."""
    for family in _FAMILIES:
        files = {_file(family, char) for char in text if char not in _JOINERS}
        if len(files) == 1 and (file := files.pop()):
            return Face(file, family.em, family.weight), text
    if len(text) > 1 and _file(_EMOJI, text[0]):
        return face_of(text[0])
    return Face(_folder() / _LAST, _LAST_EM, None), text


@cache
def _file(family: Family, char: str) -> Path | None:
    """The slice that has it; the list claims more than the fonts have."""
    file = _slices(family.package).get(ord(char))
    if file is None or char.isspace():
        return file
    face = Face(file, family.em, family.weight)
    return file if _ink(face, char) not in {b"", _ink(face, _NOBODY_HAS)} else None


def _ink(face: Face, char: str) -> bytes:
    try:
        return bytes(font(face, 1, bold=True).getmask(char))
    except OSError:  # FreeType gives up on the finest calligraphy
        return b""


@lru_cache(maxsize=256)
def font(face: Face, high: int, *, bold: bool) -> ImageFont.FreeTypeFont:
    """The face for lines of this height, 1 to 8 cells."""
    found = ImageFont.truetype(face.file, face.em * high, layout_engine=ImageFont.Layout.RAQM)
    if face.weight is not None:
        found.set_variation_by_axes([face.weight + _BOLD * bold])
    return found


@cache
def _folder() -> Path:
    for place in PLACES:
        if (place / "@fontsource-variable").is_dir():
            return place
    raise Misconfigured("fonts_missing", "the fonts are neither in a layer nor in node_modules")


@cache
def _slices(package: str) -> dict[int, Path]:
    """By code point: the file that has it."""
    folder = _folder() / "@fontsource-variable" / package
    ranges: dict[str, str] = json.loads((folder / "unicode.json").read_text())
    return {
        point: folder / f"files/{package}-{name.strip('[]')}-wght-normal.woff2"
        for name, listed in ranges.items()
        for part in listed.split(",")
        for point in _points(part)
    }


def _points(part: str) -> range:
    """U+3000-303F, or U+20AC."""
    first, _, last = part.strip().removeprefix("U+").partition("-")
    return range(int(first, 16), int(last or first, 16) + 1)
