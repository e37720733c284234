"""Text on a grid of columns: what is fit to print, what a printer's own font has, how wide it is, where it breaks.

Pure. A cluster is what a reader takes for one character; a Han character is two columns wide, a letter one.
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
# Scripts that run from right to left; their letters change shape with their neighbours.
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe\U00010800-\U00010fff\U0001e800-\U0001efff]")
# Latin, CJK, Hangul and punctuation: characters that never join.
_EACH_ALONE = re.compile("[ -\u02ff\u2010-\u2027\u3000-\u3029\u3030-\u3098\u309b-\ua4cf\uac00-\ud7a3\uff00-\uff9d]*")
# What printers that take UTF-8 have in their fonts, by Epson's lists: Latin, Greek, Cyrillic, punctuation, CJK.
_UTF8_FONT = re.compile("[ -~\u00a0-\u024f\u0370-\u04ff\u2010-\u2027\u20ac\u3000-\u30ff\u4e00-\u9fff\uff01-\uffe6]")


def fit(text: str) -> str:
    """On one line, without what is no character: controls become spaces, what nobody can show a question mark."""
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
    """What a reader takes for characters: marks stay with their letter, parts of an emoji together."""
    if _EACH_ALONE.fullmatch(text):
        return list(text)
    found: list[str] = []
    for char in text:
        if found and _joins(found[-1], char):
            found[-1] += char
        else:
            found.append(char)
    return found


def _joins(before: str, char: str) -> bool:
    if before == " ":
        return False
    if char in {ZWJ, _ZWNJ} or ord(char) in _SKIN_TONES or unicodedata.category(char) in {"Mn", "Me", "Mc"}:
        return True
    if before.endswith(ZWJ):
        return ord(char) >= 0x2000  # noqa: PLR2004 - an emoji's next part, not a letter of Persian
    return len(before) == 1 and ord(before) in _FLAG_LETTERS and ord(char) in _FLAG_LETTERS


def runs_right_to_left(text: str) -> bool:
    """Whether any of it does."""
    return not text.isascii() and _RIGHT_TO_LEFT.search(text) is not None


@lru_cache(maxsize=16384)
def encoded(cluster: str, encoding: Encoding) -> bytes | None:
    """The cluster as the printer's own font prints it; None where it has to be a picture."""
    if encoding == Encoding.RASTER or len(cluster) != 1 or runs_right_to_left(cluster):
        return None
    if encoding == Encoding.UTF8:
        return cluster.encode() if _UTF8_FONT.match(cluster) else None
    try:
        found = cluster.encode(TWO_BYTE.get(encoding, encoding.value))
    except UnicodeEncodeError:
        return None
    if len(found) == 2:  # noqa: PLR2004 - Latin, Greek and Cyrillic letters of two bytes are as wide as Han: unreadable
        return found if east_asian_width(cluster) in _WIDE or not cluster.isalpha() else None
    # Four bytes of GB18030 are beyond the two-byte mode that printers have.
    return found if len(found) == 1 else None


def printable(text: str, encoding: Encoding) -> bytes | None:
    """All of it in the printer's own font, or None."""
    if encoding != Encoding.RASTER and text.isascii():
        return text.encode()
    found = [encoded(cluster, encoding) for cluster in clusters(text)]
    return None if None in found else b"".join(one for one in found if one is not None)


@lru_cache(maxsize=16384)
def cells(cluster: str, encoding: Encoding) -> int:
    """Columns that it takes: as the printer's own font has it, else by Unicode's East Asian width."""
    if encoding in TWO_BYTE and (found := encoded(cluster, encoding)):
        return len(found)
    return 2 if east_asian_width(cluster[0]) in _WIDE else 1


def width(text: str, encoding: Encoding) -> int:
    """In columns."""
    return len(text) if text.isascii() else sum(cells(cluster, encoding) for cluster in clusters(text))


def wrapped(text: str, columns: int, encoding: Encoding, indent: int = 0) -> list[str]:
    """Lines of at most so many columns, the second and later ones indented. A word breaks only where it must."""
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
    """What a line may break between: spaces, wide characters, words; in pieces where one is longer than a line."""
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
    # No line ends with an opening bracket or quote, or begins with what closes.
    if unicodedata.category(before[0]) in {"Ps", "Pi"} or unicodedata.category(after[0]) in {"Pe", "Pf", "Po"}:
        return False
    return cells(before, encoding) > 1 or cells(after, encoding) > 1
