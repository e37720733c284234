"""Tickets as others read them: emupos prints them, tesseract reads them. Each runs where it is installed.

python3.13 -m venv .local/emupos && .local/emupos/bin/pip install emupos
apt-get install tesseract-ocr tesseract-ocr-chi-sim
"""

import base64
import io
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops

from functions.printing.ticket.records import Profile, Ticket
from functions.printing.ticket.render import render
from tests.functions.printing.ticket.samples import BILL, DISHES, profile, ticket
from tests.simulators.paper import printed

ROOT = Path(__file__).parents[3]
EMUPOS = ROOT / ".local/emupos/bin/python"

CUT = "1d 56 42 00"  # its printer's, not its paper's
LARGE = 26  # dots; doubled type is higher, small type is not

needs_emupos = pytest.mark.skipif(not EMUPOS.exists(), reason=f"{EMUPOS} is not there")
needs_tesseract = pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract is not installed")


def emulated(ticket_to_print: Ticket, on: Profile) -> dict[str, Any]:
    command = [str(EMUPOS), str(ROOT / "tests/simulators/emulated.py")]
    process = subprocess.run(command, input=render(ticket_to_print, on), capture_output=True, check=True, timeout=60)
    output: dict[str, Any] = json.loads(process.stdout)
    return output


def recognised(ink: Image.Image) -> str:
    """What tesseract reads of one line of doubled type, without spaces; at its own size, as it likes it."""
    white = sum(ink.convert("L").histogram()[128:])
    black_on_white = ink if white > ink.width * ink.height / 2 else ImageChops.invert(ink)
    page = Image.new("L", (ink.width + 60, ink.height + 60), 255)
    page.paste(black_on_white.convert("L"), (30, 30))
    png = io.BytesIO()
    page.resize((page.width // 2, page.height // 2), Image.Resampling.LANCZOS).save(png, "PNG")
    command = ["tesseract", "-", "-", "-l", "chi_sim", "--psm", "7"]
    process = subprocess.run(command, input=png.getvalue(), capture_output=True, check=True, timeout=60)
    return "".join(process.stdout.decode().split())


def lines_of(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


@needs_emupos
def test_an_emulator_prints_what_the_order_says() -> None:
    output = emulated(ticket("kitchen"), profile("cp437"))
    assert lines_of(output["text"]) == [
        "Oven 2015-000002",
        "42",
        "TAKEAWAY",
        "WANTED 13:15",
        "-" * 48,
        "1 x Classic Deluxe [M]",
        "+ More cheese",
        "* well done",
        "2 x Thai Chicken [L]",
        "ALLERGY: No peanuts!",
        "-" * 48,
        "Placed 2026-11-22 12:30 Main Street",
    ]
    assert output["unknown"] == [CUT]


@needs_emupos
def test_an_emulator_s_paper_is_the_kit_s_dot_for_dot_where_all_is_pictures() -> None:
    receipt = ticket("receipt", DISHES, bill=BILL, qr="https://example.com/r/128")
    output = emulated(receipt, profile("raster"))
    [sheet] = printed(render(receipt, profile("raster")))
    with Image.open(io.BytesIO(base64.b64decode(output["png"]))) as opened:
        assert opened.convert("1").tobytes() == sheet.image.tobytes()
    assert output["unknown"] == [CUT]


@needs_tesseract
@pytest.mark.parametrize("dots", [576, 384])
def test_the_chinese_of_a_picture_can_be_read(dots: int) -> None:
    [sheet] = printed(render(ticket("kitchen", DISHES), profile("raster", dots)), dots)
    read = "".join(recognised(line) for line in sheet.pictures if line.height > LARGE and line.getbbox())
    for text in ("128", "A12", "2x宫保鸡丁[大]", "+微辣", "*不要香菜", "1x水煮鱼", "过敏:花生过敏"):
        assert text in read
