"""The text of a card, within the limit of a service and never cut inside of a character as readers see it."""

import re
import unicodedata
from collections.abc import Iterator

from functions.outlets.channels.contract import Card, Length, Unit

ENDING = "…"
_AGAIN = {"zh": "【再次发送】", "es": "[Enviado otra vez] ", "de": "[Erneut gesendet] ", "en": "[Sent again] "}
_JOINER = "\u200d"
_MARKS = frozenset({"Mn", "Mc", "Me"})
_SPACING_LETTERS = frozenset("\u0e33\u0eb3")  # Thai and Lao vowels, marks by Unicode's annex 29 alone
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def card_text(card: Card, length: Length) -> str:
    """The whole card as plain text: the mark of a repetition, the text, then the links. The text alone is cut."""
    tail = "".join(f"\n{line}" for line in _link_lines(card))
    head = again_mark(card)
    space = length.count - size(head + tail, length.unit)
    return head + fitted(clean(card.text), Length(max(space, 0), length.unit)) + tail


def body_text(card: Card, length: Length) -> str:
    """The card without its links, for a service that shows links by a button."""
    head = again_mark(card)
    return head + fitted(clean(card.text), Length(length.count - size(head, length.unit), length.unit))


def again_mark(card: Card) -> str:
    """The words before a message that may have been shown before."""
    return _AGAIN.get(card.language[:2].lower(), _AGAIN["en"]) if card.again else ""


def _link_lines(card: Card) -> Iterator[str]:
    links = [(card.link_title, card.link), *((file.title, file.url) for file in card.attachments)]
    for title, link in links:
        if link:
            yield f"{clean(title)}: {link}" if title else link


def clean(text: str) -> str:
    """The text without control characters and half surrogate pairs, which services refuse."""
    return _CONTROLS.sub("\ufffd", text.replace("\r\n", "\n"))


def size(text: str, unit: Unit) -> int:
    """The length of a text in the unit."""
    if unit is Unit.BYTES:
        return len(text.encode())
    return len(text) if unit is Unit.CHARACTERS else len(text.encode("utf-16-le")) // 2


def fitted(text: str, length: Length) -> str:
    """The text, or its beginning with an ellipsis, at most as long as `length`."""
    if size(text, length.unit) <= length.count:
        return text
    space = length.count - size(ENDING, length.unit)
    if space < 0:
        return ""
    pieces: list[str] = []
    for cluster in clusters(text):
        space -= size(cluster, length.unit)
        if space < 0:
            break
        pieces.append(cluster)
    return "".join(pieces).rstrip() + ENDING


def clusters(text: str) -> Iterator[str]:
    """The characters of a text as readers see them (Unicode, annex 29, without Indic rules)."""
    start, flags = 0, 0
    for index in range(1, len(text)):
        before, char = text[index - 1], text[index]
        flags = flags + 1 if _is_flag_letter(before) else 0
        if _extends(before, char) or (_is_flag_letter(char) and flags % 2 == 1):
            continue
        yield text[start:index]
        start = index
    if text:
        yield text[start:]


def _extends(before: str, char: str) -> bool:
    if before == "\r" and char == "\n":
        return True
    if unicodedata.category(before) == "Cc":
        return False
    return (
        unicodedata.category(char) in _MARKS
        or char in _SPACING_LETTERS
        or _JOINER in (before, char)
        or "\U0001f3fb" <= char <= "\U0001f3ff"  # tones of skin
        or "\U000e0020" <= char <= "\U000e007f"  # letters of a flag's region
        or _is_one_syllable(before, char)
    )


def _is_flag_letter(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _is_one_syllable(before: str, char: str) -> bool:
    """Whether two letters of Hangul stand in one syllable."""
    leads = "\u1100" <= before <= "\u115f"
    if leads:
        return "\u1100" <= char <= "\u11a7" or "\uac00" <= char <= "\ud7a3"
    follows = "\u1160" <= before <= "\u11ff" or "\uac00" <= before <= "\ud7a3"
    return follows and "\u1160" <= char <= "\u11ff"
