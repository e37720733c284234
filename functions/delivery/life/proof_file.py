"""A photo or a signature as it was declared, and the check of the bytes that came."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

MOST_BYTES = 5 * 1024 * 1024
# A device that was off line may upload so long after the declaration.
AWAITED_FOR = timedelta(days=3)
FIRST_LOOK, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)


class ProofKind(StrEnum):
    """The content of a file: the packed goods, the goods at the door, or the recipient's signature."""

    PACKED = "packed"
    PHOTO = "photo"
    SIGNATURE = "signature"


class ProofState(StrEnum):
    """EXPECTED: not uploaded yet. PROVEN: it is in object storage, and was checked. REFUSED: another file came."""

    EXPECTED = "expected"
    PROVEN = "proven"
    REFUSED = "refused"


class Fault(StrEnum):
    """Why an uploaded file is refused."""

    SIZE = "size_differs"
    HASH = "hash_differs"
    TYPE = "type_differs"


@dataclass(frozen=True)
class ProofFile:
    """A declared file. `looks` counts the looks for it, and the next one is at `look_at`."""

    delivery: str
    kind: ProofKind
    chain: str
    key: str
    media_type: str
    size: int
    hash: bytes
    declared_at: datetime
    state: ProofState = ProofState.EXPECTED
    looks: int = 0
    look_at: datetime | None = None


def object_key(chain: str, delivery: str, kind: ProofKind, hash_: bytes) -> str:
    """The one key of a file. It follows from the content, so that a late upload replaces no other file."""
    return f"{chain}/{delivery}/{kind}-{hash_.hex()[:32]}"


def next_look(looks: int, declared_at: datetime, now: datetime) -> datetime | None:
    """When to look again for a file that was not there: each pause is twice as long. None after some days."""
    pause = min(FIRST_LOOK * 2 ** min(looks, 10), LONGEST_PAUSE)
    return now + pause if now + pause <= declared_at + AWAITED_FOR else None


def fault_of(content: bytes, file: ProofFile) -> Fault | None:
    """The fault of an uploaded file; None when it is the declared one."""
    if len(content) != file.size:
        return Fault.SIZE
    if not hmac.compare_digest(hashlib.sha256(content).digest(), file.hash):
        return Fault.HASH
    return None if media_type_of(content) == file.media_type else Fault.TYPE


def media_type_of(content: bytes) -> str | None:
    """The media type by the first bytes: ISO 10918-1, PNG, and the WebP container specification."""
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return None


def with_state(
    proof: Mapping[str, Any], kind: ProofKind, state: ProofState, at: datetime, reason: str | None = None
) -> dict[str, Any]:
    """The proof of a delivery with the state of one file. `at` is when the state began."""
    files = {**proof.get("files", {}), kind.value: {"state": state.value, "at": at.isoformat(), "reason": reason}}
    return {**proof, "files": files}


def is_proven(proof: Mapping[str, Any], kind: ProofKind) -> bool:
    """Whether the file of this kind is there, by the proof of a delivery."""
    return bool(proof.get("files", {}).get(kind.value, {}).get("state") == ProofState.PROVEN.value)
