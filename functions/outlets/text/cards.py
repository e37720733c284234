"""Cards: what a chat shows of a notice, an announcement or an alert."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from functions.outlets.channels.contract import Attachment, Button, Card
from functions.outlets.text.document import Document
from functions.outlets.text.order_text import order_text
from functions.outlets.text.words import say

MOST_BUTTONS = 3


def notice_card(
    document: Document, language: str, link: str | None, notice: str, minutes: Sequence[int], *, again: bool
) -> Card:
    """An order with the link to its page, and a button for each time at which it can be ready."""
    head = f"[{say(language, 'again')}] " if again else ""
    buttons = tuple(
        Button(f"ready{each}", say(language, "ready", minutes=each), press_value(notice, each))
        for each in minutes[:MOST_BUTTONS]
    )
    return Card(
        head + order_text(document, language), link, say(language, "open"), buttons, language=language, again=again
    )


def person_card(
    document: Document, language: str, link: str | None, notice: str, minutes: Sequence[int], waited: int
) -> Card:
    """An order that its outlet has not answered, for a person."""
    head = say(language, "escalated", store=document["store"], minutes=waited)
    card = notice_card(document, language, link, notice, minutes, again=False)
    return Card(f"{head}\n{card.text}", link, card.link_title, card.buttons, language=language)


def cancelled_card(document: Document, language: str) -> Card:
    """An order that must not be made."""
    return Card(say(language, "told.cancelled", number=document["number"]), language=language)


def press_value(notice: str, minutes: int) -> str:
    """The value of a button: at most 64 bytes. The channel proves that it is the button's."""
    return f"ready:{notice}:{minutes}"


def pressed_notice(value: str) -> tuple[str, int] | None:
    """(notice, minutes) of a button's value; None for a value that is none of ours."""
    parts = value.split(":")
    if len(parts) != 3 or parts[0] != "ready" or not parts[2].isascii() or not parts[2].isdigit():  # noqa: PLR2004
        return None
    return parts[1], int(parts[2][:4])


def stored_card(card: Card) -> str:
    """A card as text."""
    return json.dumps(asdict(card), ensure_ascii=False)


def loaded_card(text: str) -> Card:
    """The card of a text."""
    fields = json.loads(text)
    fields["buttons"] = tuple(Button(**button) for button in fields["buttons"])
    fields["attachments"] = tuple(Attachment(**attachment) for attachment in fields["attachments"])
    return Card(**fields)
