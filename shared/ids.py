"""Ids are ULIDs (github.com/ulid/spec): made at the edge, sortable by time, 26 characters of ASCII.

Made here, because loading python-ulid costs a tenth of a cold start; the tests hold these to that library's.
"""

import os
from datetime import datetime
from typing import Annotated

from pydantic import StringConstraints

Ulid = Annotated[str, StringConstraints(pattern="^[0-7][0-9A-HJKMNP-TV-Z]{25}$")]

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = [high + low for high in _CROCKFORD for low in _CROCKFORD]


def new_id(now: datetime) -> str:
    """A fresh ULID of this moment: 48 bits of milliseconds, 80 of chance."""
    return _ulid(now, int.from_bytes(os.urandom(10), "big"))


def first_id(moment: datetime) -> str:
    """No ULID made at `moment` or later sorts before this."""
    return _ulid(moment, 0)


def _ulid(moment: datetime, chance: int) -> str:
    value = int(moment.timestamp() * 1000) << 80 | chance
    return "".join([_PAIRS[value >> shift & 0x3FF] for shift in range(120, -1, -10)])
