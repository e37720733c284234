"""Fonts: every file that a character may need comes with the layer, and every character has ink."""

from pathlib import Path

import pytest

from functions.printing.ticket import fonts
from functions.printing.ticket.fonts import _FAMILIES, _LAST, _slices, face_of
from functions.printing.ticket.page import Text
from functions.printing.ticket.raster import paint
from functions.printing.ticket.records import Encoding, Profile
from shared.spine.errors import Misconfigured

ROOT = Path(__file__).parents[4]
MODULES = ROOT / "node_modules"


def test_the_layer_brings_every_file_with_its_licence() -> None:
    patterns = (ROOT / "layers/print/fonts.txt").read_text().split()
    brought = {file for pattern in patterns for file in MODULES.glob(pattern)}
    needed = {MODULES / _LAST}
    for family in _FAMILIES:
        folder = MODULES / "@fontsource-variable" / family.package
        needed |= {folder / "unicode.json", folder / "LICENSE"}
        needed |= {folder / file.relative_to(file.parents[1]) for file in _slices(family.package).values()}
    assert needed <= brought


SANS = {"mono": "AéЖ", "sc": "宫の", "arabic": "ب"}
CASES = [(char, f"noto-sans-{name}") for name, text in SANS.items() for char in text]


@pytest.mark.parametrize(("text", "file"), [*CASES, ("🍕", "noto-emoji"), ("한", "unifontex"), ("ไ", "unifontex")])
def test_a_script_has_its_font(text: str, file: str) -> None:
    assert face_of(text)[0].file.name.startswith(file)


@pytest.mark.parametrize("text", [*"Aé宫の한ไשب🍕☕₽𠮷क﷽", "🇨🇳", "👩\u200d🍳"])
def test_every_script_leaves_ink_of_its_own(text: str) -> None:
    """And not the box that fonts draw for what they have not."""
    on = Profile(encoding=Encoding.RASTER)
    drawn, box = paint(Text(text), on), paint(Text("\U000e0fff"), on)
    assert drawn.getbbox()
    assert drawn.tobytes() != box.tobytes()


def test_without_fonts_a_person_must_act(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(fonts, "FONT_FOLDERS", (tmp_path,))
    with pytest.raises(Misconfigured, match="fonts_missing"):
        fonts._folder.__wrapped__()
