"""Texts and times of a sale in a form that can be stored; each change is noted as a difference. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from shared.contracts.messages.orders import Difference
from shared.contracts.moments import EARLIEST, LATEST
from shared.contracts.text import ID_PATTERN, METHOD_PATTERN, cleaned

# A note may name an allergy at its end, so the kitchen gets far more text than a mini-program may send.
MAX_TEXT = 1_000
CLOCKS_DIFFER_BY = timedelta(minutes=5)
# No till is offline for longer. An older time is that of a clock that has lost its battery: 1970, 2000.
CLOCK_BEHIND_BY = timedelta(days=31)
ELLIPSIS = "…"
MAX_KEYS, MAX_KEY, MAX_VALUE = 50, 40, 500  # of metadata
MAX_METHOD = 32
OTHER_METHOD = "other"


@dataclass
class Cleaner:
    """Cleans fields and notes each change. No difference holds personal data of the guest.

    `any_age`: a time may be of long ago, but not of before 1970.
    """

    now: datetime
    any_age: bool = True
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

    def identifier(self, path: str, stated: str | None) -> str | None:
        """The identifier; None when it has not the form of one, because other systems look for it in their lists."""
        if stated is None or re.fullmatch(ID_PATTERN, stated):
            return stated
        if stated:
            self.note(path, "id_malformed", cleaned(stated)[:MAX_TEXT])
        return None

    def positive(self, path: str, number: int | None) -> int | None:
        """The number; None for 0. Tills send 0 for a number that they do not know."""
        if number == 0:
            self.note(path, "zero_left_out", 0)
        return number or None

    def metadata(self, path: str, stated: Mapping[str, str]) -> dict[str, str]:
        """The first keys with their values, each cut to what is kept."""
        clean = {
            cleaned(key)[:MAX_KEY] or ELLIPSIS: cleaned(value)[:MAX_VALUE]
            for key, value in islice(stated.items(), MAX_KEYS)
        }
        if clean != stated:
            self.note(path, "metadata_cut", len(stated), len(clean))
        return clean

    def method(self, path: str, stated: str) -> str:
        """The method of a payment in its form: `Visa-Credit` for `Visa Credit`."""
        if re.fullmatch(METHOD_PATTERN, stated):
            return stated
        method = re.sub("[^A-Za-z0-9._-]+", "-", stated).strip("-._")[:MAX_METHOD] or OTHER_METHOD
        self.note(path, "method_malformed", cleaned(stated)[:MAX_TEXT], method)
        return method

    def moment(self, path: str, moment: datetime | None) -> datetime | None:
        """The moment, or now when the source's clock is ahead or behind: no sale counts for a wrong day by that."""
        if moment is None:
            return None
        if moment > self.now + CLOCKS_DIFFER_BY:
            code = "clock_ahead"
        elif moment < EARLIEST or not (self.any_age or moment >= self.now - CLOCK_BEHIND_BY):
            code = "clock_behind"
        else:
            return moment
        self.note(path, code, moment.isoformat(), self.now.isoformat())
        return self.now

    def wanted(self, path: str, moment: datetime | None) -> datetime | None:
        """The time for which a guest wants the order; None for a time of no calendar, such as the year 1."""
        if moment is None or EARLIEST <= moment < LATEST:
            return moment
        self.note(path, "time_out_of_range", moment.isoformat())
        return None
