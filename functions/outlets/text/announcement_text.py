"""An announcement as the card of a message, in the language of the outlet."""

from collections.abc import Mapping
from typing import Any

from functions.outlets.channels.contract import Attachment, Card


def announcement_card(content: Mapping[str, Any], language: str) -> Card:
    """The text in the language; without one in English, then in the first language that there is."""
    texts: Mapping[str, str] = content["texts"]
    chosen = language if language in texts else "en" if "en" in texts else next(iter(texts))
    attachments = tuple(Attachment(**attachment) for attachment in content.get("attachments", []))
    return Card(texts[chosen], language=chosen, attachments=attachments)
