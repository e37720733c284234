"""A text is cut within its limit and never inside of a character as readers see it."""

import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st

from functions.outlets.channels.contract import Attachment, Card, Length, Unit
from functions.outlets.channels.text import card_text, clusters, fitted, size

FAMILY = "👩‍👩‍👧‍👦"
PIECES = [
    "a",
    "é",
    "e\u0301",
    "牛",
    FAMILY,
    "🇩🇪🇫🇷",
    "👍🏽",
    "1️⃣",
    "한국",
    "ก็",
    "\n",
    "\r\n",
    "🏴\U000e0067\U000e0062\U000e007f",
]
TEXTS = st.lists(st.sampled_from(PIECES)).map("".join)


@given(TEXTS)
@example("🇩🇪🇫🇷🇪")
def test_characters_are_those_of_another_implementation(text: str) -> None:
    assert list(clusters(text)) == regex.findall(r"\X", text)


@given(TEXTS, st.integers(0, 60), st.sampled_from(list(Unit)))
def test_a_cut_text_keeps_its_limit_and_whole_characters(text: str, count: int, unit: Unit) -> None:
    cut = fitted(text, Length(count, unit))
    assert size(cut, unit) <= count
    if cut != text:
        beginnings = {"".join(regex.findall(r"\X", text)[:length]).rstrip() for length in range(len(text) + 1)}
        assert cut == "" or cut.removesuffix("…") in beginnings


def test_units_count_as_their_services_do() -> None:
    assert [size("牛😀", unit) for unit in (Unit.BYTES, Unit.CHARACTERS, Unit.UTF16)] == [7, 2, 3]


def test_the_text_is_cut_and_the_link_is_not() -> None:
    card = Card("牛肉面" * 1000, "https://c.example/o/1", "Confirm", again=True, language="zh-CN")
    text = card_text(card, Length(2048, Unit.BYTES))
    assert text.startswith("【再次发送】牛肉面")
    assert text.endswith("…\nConfirm: https://c.example/o/1")
    assert 2040 <= len(text.encode()) <= 2048


def test_attachments_are_links() -> None:
    card = Card("Menu", attachments=(Attachment("Menu", "https://c.example/m.pdf", "application/pdf"),))
    assert card_text(card, Length(100, Unit.CHARACTERS)) == "Menu\nMenu: https://c.example/m.pdf"


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b", "a\x1bb", "a\x9fb"])
def test_characters_that_services_refuse_are_replaced(text: str) -> None:
    assert card_text(Card(text), Length(100, Unit.CHARACTERS)) == "a\ufffdb"
