"""The words of an outlet → a command. Only whole texts of a known form are commands. Pure functions."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from shared.contracts.menu import Item

MOST_WORDS = 80
MOST_MATCHES = 5


class Word(StrEnum):
    """The commands."""

    HELP = "help"
    SOLD_OUT = "sold_out"
    CLOSED = "closed"
    RESUME = "resume"


@dataclass(frozen=True)
class Command:
    """A command; `words` name a dish."""

    word: Word
    words: str = ""


_FORMS: tuple[tuple[Word, re.Pattern[str]], ...] = (
    (Word.HELP, re.compile(r"help|\?|帮助|怎么用")),
    (Word.CLOSED, re.compile(r"(?:we are )?closed tomorrow|明天(?:休息|打烊|关门|不营业|歇业)")),
    (Word.RESUME, re.compile(r"resume|open again|恢复(?:营业|接单)|继续(?:营业|接单)")),
    (Word.SOLD_OUT, re.compile(r"(?:menu )?sold ?out[: ]+(?P<words>.+)")),
    (Word.SOLD_OUT, re.compile(r"(?:菜单)?(?:售罄|沽清|估清|卖完了?)[: ]*(?P<words>.+)")),
    (Word.SOLD_OUT, re.compile(r"(?P<words>.+?) ?(?:售罄|沽清|估清|卖完了|is sold out)")),
)


def command_of(text: str) -> Command | None:
    """The command of a text; None for a text that a person must read."""
    plain = _plain(text).rstrip(".!。")
    for word, form in _FORMS:
        match = form.fullmatch(plain)
        if match:
            words = match.groupdict().get("words", "").strip("“”\"'「」 ")
            return Command(word, words) if len(words) <= MOST_WORDS else None
    return None


def matching_items(words: str, items: Iterable[Item]) -> list[Item]:
    """The items that the words can mean, in any language of the menu: those of that name, or those that contain it."""
    name_asked = _plain(words)
    names = [(item, [_plain(name) for name in _names(item)]) for item in items]
    exact = [item for item, own in names if name_asked in own]
    return exact or [item for item, own in names if any(name_asked in name for name in own)]


def _names(item: Item) -> list[str]:
    return [item.name, *(text.name for text in item.texts.values() if text.name)]


def _plain(text: str) -> str:
    """The text in small letters, with plain signs and single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
