"""Texts and times of a sale in a form that can be stored; each change is noted as a difference. Pure."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.contracts.messages.orders import Difference
from shared.contracts.text import cleaned

# A note may name an allergy at its end, so the kitchen gets far more text than a mini-program may send.
MAX_TEXT = 1_000
CLOCKS_DIFFER_BY = timedelta(minutes=5)
ELLIPSIS = "…"


@dataclass
class Cleaner:
    """Cleans fields and notes each change. No difference holds personal data of the guest."""

    now: datetime
    differences: list[Difference] = field(default_factory=list)

    def note(self, path: str, code: str, stated: int | str | None = None, expected: int | str | None = None) -> None:
        """Note a change of the field at `path`."""
        self.differences.append(Difference(path=path, code=code, stated=stated, expected=expected))

    def text(self, path: str, text: str | None, most: int = MAX_TEXT) -> str | None:
        """The text without control characters, cut to `most` characters; None if it is empty."""
        if not text:
            return None
        # The common case, and faster: printable text has no control characters.
        if text.isprintable() and len(text) <= most:
            return text
        clean = cleaned(text)
        if clean != text:
            self.note(path, "control_characters")
        if len(clean) > most:
            self.note(path, "text_too_long", len(clean), most)
            clean = clean[: most - len(ELLIPSIS)] + ELLIPSIS
        return clean or None

    def moment(self, path: str, moment: datetime | None) -> datetime | None:
        """The moment, or now when the source's clock is ahead: no sale counts for a day to come by that."""
        if moment is None or moment <= self.now + CLOCKS_DIFFER_BY:
            return moment
        self.note(path, "clock_ahead", moment.isoformat(), self.now.isoformat())
        return self.now
