"""Ids are ULIDs (github.com/ulid/spec): made at the edge, sortable by time, 26 characters of ASCII.

Made here, because loading python-ulid costs a tenth of a cold start; the tests hold these to that library's.

A store's id is unique within its chain alone. Tables hold its key, `chain:store`.
"""

import hashlib
import os
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import StringConstraints

Ulid = Annotated[str, StringConstraints(pattern="^[0-7][0-9A-HJKMNP-TV-Z]{25}$")]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_SHIFTS = range(120, -1, -10)
_PAIRS = [high + low for high in _CROCKFORD for low in _CROCKFORD]


def store_key(chain: str, store: str) -> str:
    """The id of a store that is unique over all chains: `demo:main`."""
    return f"{chain}:{store}"


def split_key(key: str) -> tuple[str, str]:
    """(chain, store) of a store's key."""
    chain, _, store = key.partition(":")
    return chain, store


def member_id(chain: str, external_id: str) -> str:
    """Our id of a chain's member, in the form of a ULID: the same in every function, and no name of a person.

    It stays when the member is forgotten: later orders of the person are recognised by it.
    """
    digest = hashlib.sha256(f"{chain}\0{external_id}".encode()).digest()
    return _text_of(int.from_bytes(digest[:16], "big"))


def new_id(now: datetime) -> str:
    """A fresh ULID of this moment: 48 bits of milliseconds, 80 of chance."""
    return _ulid(now, int.from_bytes(os.urandom(10), "big"))


def derived_id(moment: datetime, *parts: str) -> str:
    """The ULID of a record that its parts name: the same in every region, however often the record is sent.

    48 bits are the milliseconds of `moment`. 80 bits begin the SHA-256 of the parts, each after its length in bytes.
    """
    encoded = [part.encode() for part in parts]
    canonical = b"".join(len(part).to_bytes(4, "big") + part for part in encoded)
    return _ulid(moment, int.from_bytes(hashlib.sha256(canonical).digest()[:10], "big"))


def derived_part_id(whole: str, *parts: str) -> str:
    """The ULID of a part of a record: the time of the record's ULID, and the hash of that ULID and the parts.

    So it is the same in every region in which the record's own id is the same.
    """
    return whole[:10] + derived_id(_EPOCH, whole, *parts)[10:]


def first_id(moment: datetime) -> str:
    """No ULID made at `moment` or later sorts before this."""
    return _ulid(moment, 0)


def moment_of(ulid: str) -> datetime:
    """The moment in the first 48 bits of a ULID."""
    value = 0
    for character in ulid[:10]:
        value = value << 5 | _CROCKFORD.index(character)
    return _EPOCH + timedelta(milliseconds=value)


def moment_begins(ulid: str) -> str:
    """No ULID of the same millisecond sorts before this."""
    return ulid[:10] + "0" * 16


def moment_ends(ulid: str) -> str:
    """No ULID of the same millisecond sorts after this."""
    return ulid[:10] + "Z" * 16


def _ulid(moment: datetime, chance: int) -> str:
    return _text_of(int(moment.timestamp() * 1000) << 80 | chance)


def _text_of(value: int) -> str:
    """26 characters of 5 bits each, two at a time."""
    return "".join([_PAIRS[value >> shift & 0x3FF] for shift in _SHIFTS])
