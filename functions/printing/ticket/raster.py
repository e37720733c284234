"""Layout → dots: lines of text, QR codes and logos as pictures. A bit is set where there is ink."""

import io
import itertools
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import segno
from bidi import algorithm as bidi
from bidi.mirror import MIRRORED
from PIL import Image, ImageChops, ImageDraw

from functions.printing.ticket.fonts import face_of, font
from functions.printing.ticket.page import Text
from functions.printing.ticket.records import Encoding, Profile
from functions.printing.ticket.text import cells, clusters, runs_right_to_left

CELL_WIDE, CELL_HIGH = 12, 24  # font A
LEADING = 6
_BASELINE = 19
_CODE_DOTS = 256
_LOGO_DOTS = (384, 200)
_MOST_PIXELS = 4_000_000


def pitch(high: int) -> int:
    """Dots from one line to the next."""
    return CELL_HIGH * high + LEADING


def paint(line: Text, profile: Profile, *, doubled: bool = False) -> Image.Image:
    """The line over the width of the paper. `doubled`: large type with doubled dots, as a printer makes it."""
    image = Image.new("1", (profile.dots, pitch(line.high)))
    start = _segment(line.start, line, profile.encoding, doubled=doubled)
    end = _segment(line.end, line, profile.encoding, doubled=doubled)
    room = profile.dots - end.width
    if start.width > room:
        start = start.resize((room, start.height), Image.Resampling.NEAREST)
    start_left, end_left = 0, profile.dots - end.width
    if line.centred:
        start_left = (profile.dots - start.width) // 2 // CELL_WIDE * CELL_WIDE
    elif line.right_to_left:
        start_left, end_left = profile.dots - start.width, 0
    image.paste(start, (start_left, 0))
    image.paste(end, (end_left, 0))
    return ImageChops.invert(image) if line.inverse else image


def _segment(text: str, line: Text, encoding: Encoding, *, doubled: bool) -> Image.Image:
    """Letters in columns. Words that run from right to left have their natural width."""
    if not text:
        return Image.new("1", (0, pitch(line.high)))
    shaped = line.right_to_left or runs_right_to_left(text)
    atoms = _atoms(text) if shaped else clusters(text)
    order = _visual(atoms, right_to_left=line.right_to_left) if shaped else atoms
    drawn = [
        _glyph(
            atom,
            None if runs_right_to_left(atom) else cells(atom, encoding),
            1 if doubled else line.wide,
            1 if doubled else line.high,
            bold=line.bold,
        )
        for atom in order
    ]
    positions = [0, *itertools.accumulate(glyph.width for glyph in drawn)]
    image = Image.new("1", (positions[-1], pitch(1 if doubled else line.high)))
    for position, glyph in zip(positions, drawn, strict=False):
        image.paste(glyph, (position, 0))
    return _scaled(image, line) if doubled else image


def _scaled(image: Image.Image, line: Text) -> Image.Image:
    scaled = Image.new("1", (image.width * line.wide, pitch(line.high)))
    size = (image.width * line.wide, image.height * line.high)
    scaled.paste(image.resize(size, Image.Resampling.NEAREST))
    return scaled


def _atoms(text: str) -> list[str]:
    """Words that run from right to left stay whole, since their letters join. Other text is split in clusters."""
    atoms: list[str] = []
    for cluster in clusters(text):
        if atoms and runs_right_to_left(cluster) and runs_right_to_left(atoms[-1]):
            atoms[-1] += cluster
        else:
            atoms.append(cluster)
    return atoms


def _visual(atoms: list[str], *, right_to_left: bool) -> list[str]:
    """The atoms from left to right as a reader sees them, by Unicode's bidirectional algorithm."""
    level = int(right_to_left)
    storage = bidi.get_empty_storage() | {"base_level": level, "base_dir": "LR"[level]}
    bidi.get_embedding_levels("".join(atom[0] for atom in atoms), storage)
    for char, atom in zip(storage["chars"], atoms, strict=True):
        char["atom"] = atom
    bidi.explicit_embed_and_overrides(storage)
    bidi.resolve_weak_types(storage)
    bidi.resolve_neutral_types(storage, debug=False)
    bidi.resolve_implicit_levels(storage, debug=False)
    bidi.reorder_resolved_levels(storage, debug=False)
    return [
        MIRRORED.get(char["atom"], char["atom"]) if char["level"] % 2 else char["atom"] for char in storage["chars"]
    ]


@lru_cache(maxsize=4096)
def _glyph(atom: str, columns: int | None, wide: int, high: int, *, bold: bool) -> Image.Image:
    """A cluster in the middle of its columns. A word without `columns` has its natural width."""
    face, text = face_of(atom)
    drawn = font(face, high, bold=bold)
    natural = max(1, round(drawn.getlength(text)))
    box = natural if columns is None else CELL_WIDE * high * columns
    origin = (max(0, (box - natural) // 2), _BASELINE * high)
    image = Image.new("1", (max(box, natural), pitch(high)))
    ImageDraw.Draw(image).text(origin, text, fill=255, font=drawn, anchor="ls")
    target = box * wide // high
    return image if image.width == target else image.resize((target, image.height), Image.Resampling.NEAREST)


@lru_cache(maxsize=64)
def qr_code(content: str, dots: int) -> Image.Image:
    """A QR code in the middle of the paper, with at least two dots a module."""
    code = segno.make_qr(content, error="m", encoding=None if content.isascii() else "utf-8")
    modules = [list(row) for row in code.matrix_iter(border=4)]
    scale = max(2, min(8, _CODE_DOTS // len(modules)), 3 if 3 * len(modules) <= dots else 2)
    small = Image.new("1", (len(modules), len(modules)))
    small.putdata([255 * bool(module) for row in modules for module in row])
    return _centred(small.resize((small.width * scale, small.height * scale), Image.Resampling.NEAREST), dots)


@lru_cache(maxsize=8)
def logo(png: bytes, dots: int) -> Image.Image:
    """A logo in black and white that fits the paper. Raises ValueError, and the errors of Pillow."""
    with Image.open(io.BytesIO(png), formats=["PNG"]) as opened:
        if opened.width * opened.height > _MOST_PIXELS:  # a small file may hold so many, and each takes 12 bytes below
            raise ValueError(f"a logo has at most {_MOST_PIXELS} pixels")
        colours = opened.convert("RGBA")
    grey = Image.alpha_composite(Image.new("RGBA", colours.size, "white"), colours).convert("L")
    grey.thumbnail((min(dots, _LOGO_DOTS[0]), _LOGO_DOTS[1]))
    return _centred(ImageChops.invert(grey).convert("1"), dots)


def _centred(image: Image.Image, dots: int) -> Image.Image:
    paper = Image.new("1", (dots, image.height + 2 * LEADING))
    paper.paste(image, ((dots - image.width) // 16 * 8, LEADING))
    return paper


class Strip(NamedTuple):
    """Rows of a picture as the printer gets them: `across` bytes a row. The highest bit is the dot on the left."""

    across: int
    rows: int
    data: bytes


_MOST_ROWS = 240


def strips(image: Image.Image) -> Iterator[Strip]:
    """The picture without the white at its right side. White rows are one byte wide. The data has no DLE command."""
    box = image.getbbox() or (0, 0, 0, 0)
    yield from _white(box[1])
    across = max(1, (box[2] + 7) // 8)
    for top in range(box[1], box[3], _MOST_ROWS):
        rows = min(_MOST_ROWS, box[3] - top)
        yield Strip(across, rows, without_dle_commands(image.crop((0, top, across * 8, top + rows)).tobytes()))
    yield from _white(image.height - box[3])


def _white(rows: int) -> Iterator[Strip]:
    for start in range(0, rows, _MOST_ROWS):
        count = min(_MOST_ROWS, rows - start)
        yield Strip(1, count, bytes(count))


def without_dle_commands(data: bytes) -> bytes:
    """Add a dot where the bytes would be DLE EOT, DLE ENQ or DLE DC4. Printers obey these even inside pictures."""
    for second in (b"\x04", b"\x05", b"\x14"):
        data = data.replace(b"\x10" + second, b"\x18" + second)
    return data
