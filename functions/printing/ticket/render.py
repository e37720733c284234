"""Ticket → ESC/POS bytes for a printer's profile, or a picture of its paper. Pure."""

import io

from PIL import Image, ImageChops

from functions.printing.ticket.escpos import native_text, picture, to_bytes
from functions.printing.ticket.labels import LABELS
from functions.printing.ticket.layout import lay_out
from functions.printing.ticket.page import Act, Block, Text
from functions.printing.ticket.raster import paint, strips
from functions.printing.ticket.records import Language, Profile, Ticket
from shared.spine.errors import Rejected

MAX_PAYLOAD_BYTES = 4 * 1024 * 1024
_MARGIN = 24


def render(ticket: Ticket, profile: Profile) -> bytes:
    """The payload of a print job. Raises `Rejected` for a ticket over 4 MiB even in the smallest size."""
    for large in (True, False):
        payload = to_bytes(lay_out(ticket, profile, large=large), profile)
        if len(payload) <= MAX_PAYLOAD_BYTES:
            return payload
    raise Rejected("ticket_too_large", "the ticket is larger than 4 MiB")


def mark(reprint: int, profile: Profile, language: Language = Language.ENGLISH) -> bytes:
    """The bytes that an agent prints above a copy that it makes by itself. They end without a cut."""
    text = f"{LABELS[language].reprint} {reprint}"
    size = 2 if profile.columns // 2 >= len(text) else 1
    band = Text(text, wide=size, high=size, bold=True, inverse=True, centred=True)
    return to_bytes([band], profile)


def preview(ticket: Ticket, profile: Profile) -> bytes:
    """A PNG of the paper, a pixel a dot. A grey line marks a cut."""
    pieces = [_drawn(block, profile) for block in lay_out(ticket, profile)]
    paper = Image.new("L", (profile.dots + 2 * _MARGIN, sum(piece.height for piece in pieces) + 2 * _MARGIN), 255)
    top = _MARGIN
    for piece in pieces:
        paper.paste(piece, (_MARGIN, top))
        top += piece.height
    png = io.BytesIO()
    paper.save(png, "PNG", optimize=True)
    return png.getvalue()


def _drawn(block: Block, profile: Profile) -> Image.Image:
    if isinstance(block, Act) and block.kind == "cut":
        return _cut_line(profile.dots)
    if isinstance(block, Text) and native_text(block, profile) is not None:
        return ImageChops.invert(paint(block, profile, doubled=True).convert("L"))
    image = picture(block, profile)
    return _as_sent(image) if image is not None else Image.new("L", (profile.dots, 0))


def _as_sent(image: Image.Image) -> Image.Image:
    """The picture with the dots that were added to avoid DLE commands."""
    paper, top = Image.new("L", image.size, 255), 0
    for across, rows, data in strips(image):
        strip = Image.frombytes("1", (across * 8, rows), data)
        paper.paste(ImageChops.invert(strip.convert("L")), (0, top))
        top += rows
    return paper


def _cut_line(dots: int) -> Image.Image:
    image = Image.new("L", (dots, 2 * _MARGIN), 255)
    image.paste(160, (0, _MARGIN, dots, _MARGIN + 1))
    return image
