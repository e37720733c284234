"""Text on a grid of columns: printable characters, their width, and line breaks. Pure.

A cluster is a character as a reader sees it. A Han character is two columns wide, a letter one.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from unicodedata import east_asian_width

from functions.printing.ticket.records import Encoding

TWO_BYTE = {Encoding.GB18030: "gb18030", Encoding.GBK: "gbk", Encoding.BIG5: "big5"}
_WIDE = {"W", "F"}
ZWJ = "\u200d"
_ZWNJ = "\u200c"
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_FLAG_LETTERS = range(0x1F1E6, 0x1F200)
# Scripts that run from right to left. Their letters change shape beside other letters.
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe\U00010800-\U00010fff\U0001e800-\U0001efff]")
# Latin, CJK, Hangul and punctuation: characters that never join.
_NEVER_JOINED = re.compile("[ -\u02ff\u2010-\u2027\u3000-\u3029\u3030-\u3098\u309b-\ua4cf\uac00-\ud7a3\uff00-\uff9d]*")
# Characters in the fonts of printers that take UTF-8, by Epson's lists: Latin, Greek, Cyrillic, punctuation, CJK.
_UTF8_FONT = re.compile("[ -~\u00a0-\u024f\u0370-\u04ff\u2010-\u2027\u20ac\u3000-\u30ff\u4e00-\u9fff\uff01-\uffe6]")


def fit(text: str) -> str:
    """The text on one line. Control characters become spaces, unassigned characters become question marks."""
    return "".join(map(_fit, unicodedata.normalize("NFC", text)))


@lru_cache(maxsize=8192)
def _fit(char: str) -> str:
    if "\ufe00" <= char <= "\ufe0f":
        return ""
    match unicodedata.category(char):
        case "Cc" | "Zl" | "Zp" | "Zs":
            return "\u3000" if char == "\u3000" else " "
        case "Cf":
            return char if char in {ZWJ, _ZWNJ} else ""
        case "Cs" | "Co" | "Cn":
            return "?"
    return char


def clusters(text: str) -> list[str]:
    """Characters as a reader sees them: marks stay with their letter, and the parts of an emoji together."""
    if _NEVER_JOINED.fullmatch(text):
        return list(text)
    joined: list[str] = []
    for char in text:
        if joined and _joins(joined[-1], char):
            joined[-1] += char
        else:
            joined.append(char)
    return joined


def _joins(before: str, char: str) -> bool:
    if before == " ":
        return False
    if char in {ZWJ, _ZWNJ} or ord(char) in _SKIN_TONES or unicodedata.category(char) in {"Mn", "Me", "Mc"}:
        return True
    if before.endswith(ZWJ):
        return ord(char) >= 0x2000  # noqa: PLR2004 - the next part of an emoji, not a Persian letter
    return len(before) == 1 and ord(before) in _FLAG_LETTERS and ord(char) in _FLAG_LETTERS


def runs_right_to_left(text: str) -> bool:
    """Whether any character of the text runs from right to left."""
    return not text.isascii() and _RIGHT_TO_LEFT.search(text) is not None


@lru_cache(maxsize=16384)
def encoded(cluster: str, encoding: Encoding) -> bytes | None:
    """The cluster's bytes for the printer's font. None where the cluster must be a picture."""
    if encoding == Encoding.RASTER or len(cluster) != 1 or runs_right_to_left(cluster):
        return None
    if encoding == Encoding.UTF8:
        return cluster.encode() if _UTF8_FONT.match(cluster) else None
    try:
        code = cluster.encode(TWO_BYTE.get(encoding, encoding.value))
    except UnicodeEncodeError:
        return None
    if len(code) == 2:  # noqa: PLR2004 - two-byte letters of Latin, Greek, Cyrillic are as wide as Han: unreadable
        return code if east_asian_width(cluster) in _WIDE or not cluster.isalpha() else None
    # Printers have a two-byte mode only, so they lack the four-byte characters of GB18030.
    return code if len(code) == 1 else None


def printable(text: str, encoding: Encoding) -> bytes | None:
    """The text's bytes for the printer's font. None where the font lacks a character."""
    if encoding != Encoding.RASTER and text.isascii():
        return text.encode()
    codes = [encoded(cluster, encoding) for cluster in clusters(text)]
    return None if None in codes else b"".join(code for code in codes if code is not None)


@lru_cache(maxsize=16384)
def cells(cluster: str, encoding: Encoding) -> int:
    """The columns of a cluster: as in the printer's font, else by Unicode's East Asian width."""
    if encoding in TWO_BYTE and (code := encoded(cluster, encoding)):
        return len(code)
    return 2 if east_asian_width(cluster[0]) in _WIDE else 1


def width(text: str, encoding: Encoding) -> int:
    """The width in columns."""
    return len(text) if text.isascii() else sum(cells(cluster, encoding) for cluster in clusters(text))


def wrapped(text: str, columns: int, encoding: Encoding, indent: int = 0) -> list[str]:
    """Lines of at most `columns`. The second and later lines are indented. A word breaks only if it exceeds a line."""
    lines, line, room = [], "", columns
    for word in _words(text, columns - indent, encoding):
        size = width(word, encoding)
        if size > room and line.strip():
            lines.append(line.rstrip())
            line, room = " " * indent, columns - indent
            if word == " ":
                continue
        line += word
        room -= size
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def _words(text: str, most: int, encoding: Encoding) -> Iterator[str]:
    """Pieces between which a line may break: spaces, wide characters, words. A longer word is split."""
    word, size, before = "", 0, " "
    for cluster in clusters(text):
        wide = cells(cluster, encoding)
        if word and (size + wide > most or _may_break(before, cluster, encoding)):
            yield word
            word, size = "", 0
        word += cluster
        size += wide
        before = cluster
    if word:
        yield word


def _may_break(before: str, after: str, encoding: Encoding) -> bool:
    if " " in (before, after):
        return True
    # No line ends with an opening bracket or quote, or begins with a closing one.
    if unicodedata.category(before[0]) in {"Ps", "Pi"} or unicodedata.category(after[0]) in {"Pe", "Pf", "Po"}:
        return False
    return cells(before, encoding) > 1 or cells(after, encoding) > 1
