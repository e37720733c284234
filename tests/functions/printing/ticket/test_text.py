"""Text on a grid of columns."""

import pytest

from functions.printing.ticket.records import Encoding
from functions.printing.ticket.text import clusters, encoded, fit, printable, width, wrapped


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a\tb\nc", "a b c"), ("\u202eabc", "abc"), ("cafe\u0301", "caf\u00e9"), ("\ue000", "?"), ("\u3000", "\u3000")],
)
def test_text_fits_one_line(text: str, expected: str) -> None:
    assert fit(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("abc", ["a", "b", "c"]),
        ("x\u0301y", ["x\u0301", "y"]),
        ("\U0001f1e9\U0001f1eaA", ["\U0001f1e9\U0001f1ea", "A"]),
        ("\U0001f468\u200d\U0001f469", ["\U0001f468\u200d\U0001f469"]),
    ],
)
def test_cluster_is_a_character_as_a_reader_sees_it(text: str, expected: list[str]) -> None:
    assert clusters(text) == expected


@pytest.mark.parametrize(("text", "columns"), [("abc", 3), ("\u9762", 2), ("a\u9762", 3), ("x\u0301", 1)])
def test_width_is_in_columns(text: str, columns: int) -> None:
    assert width(text, Encoding.GB18030) == columns


def test_font_of_a_printer_has_the_characters_of_its_encoding() -> None:
    assert encoded("\u9762", Encoding.GB18030) == b"\xc3\xe6"
    assert encoded("\u9762", Encoding.CP437) is None
    assert printable("caf\u00e9", Encoding.CP437) == b"caf\x82"
    assert printable("caf\u00e9 \u9762", Encoding.CP437) is None


def test_line_breaks_between_words_and_inside_a_word_only_if_it_is_longer() -> None:
    assert wrapped("one two three", 7, Encoding.CP437) == ["one two", "three"]
    assert wrapped("abcdefgh", 3, Encoding.CP437) == ["abc", "def", "gh"]
    assert wrapped("one two", 4, Encoding.CP437, indent=2) == ["one", "  tw", "  o"]
