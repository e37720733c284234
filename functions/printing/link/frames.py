"""Frames that the relay sends (docs/develop/print-link.md). `print_link.frames` encodes them."""

import hashlib
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime

from print_link.frames import PROTOCOL, Frame, encode

# A chunk in base64 with its frame around it stays under the limit of a frame.
CHUNK_BYTES = 20_000


def job_frames(head: Frame, payload: bytes, *, interrupted: str, mark: bytes) -> list[str]:
    """A job with its payload, or a job and the chunks of a large payload. `head`: job, printer, seq, after, deadline,
    kind."""
    digest = hashlib.sha256(payload).hexdigest()
    frame = {"type": "job", **head, "payload": {"bytes": len(payload), "sha256": digest, **_content(payload)}}
    if interrupted == "reprint":
        frame |= {"interrupted": interrupted, "mark": b64encode(mark).decode()}
    return [encode(frame), *map(encode, _chunks(head["job"], payload))]


def _content(payload: bytes) -> Frame:
    if len(payload) <= CHUNK_BYTES:
        return {"data": b64encode(payload).decode()}
    return {"parts": -(-len(payload) // CHUNK_BYTES)}


def _chunks(job_id: str, payload: bytes) -> list[Frame]:
    if len(payload) <= CHUNK_BYTES:
        return []
    chunks = [payload[start : start + CHUNK_BYTES] for start in range(0, len(payload), CHUNK_BYTES)]
    return [
        {"type": "part", "job": job_id, "part": number, "data": b64encode(chunk).decode()}
        for number, chunk in enumerate(chunks)
    ]


def welcome(now: datetime, *, epoch: int, heartbeat: int, lifetime: int, role: str, confirm: bool) -> Frame:
    """The answer to hello."""
    head = {"type": "welcome", "protocol": PROTOCOL, "time": now.timestamp(), "heartbeat": heartbeat}
    head |= {"lifetime": lifetime, "role": role, "confirm": confirm, "epoch": epoch}
    return {**head, "capabilities": ["bundle"]}


def cancel(job_id: str, printer: str, reason: str) -> Frame:
    """Withdraw a job."""
    return {"type": "cancel", "job": job_id, "printer": printer, "reason": reason}


def noted(jobs: Sequence[str]) -> Frame:
    """The results of these jobs are stored."""
    return {"type": "noted", "jobs": list(jobs)}
