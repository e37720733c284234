"""The frames that the relay sends."""

import json
from base64 import b64decode
from hashlib import sha256

import pytest

from functions.printing.link.frames import CHUNK_BYTES, job_frames
from print_link.frames import MAX_FRAME_BYTES

HEAD = {"job": "j1", "printer": "kitchen", "seq": 2, "after": 1, "deadline": 1_795_300_000.0, "kind": "kitchen"}


def frames_of(payload: bytes, interrupted: str = "continue") -> list[dict[str, object]]:
    return [json.loads(text) for text in job_frames(HEAD, payload, interrupted=interrupted, mark=b"COPY")]


def test_small_payload_is_in_the_job() -> None:
    [job] = frames_of(b"hello")
    digest = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
    assert job == {"type": "job", **HEAD, "payload": {"bytes": 5, "sha256": digest, "data": "aGVsbG8="}}


@pytest.mark.parametrize(("size", "chunks"), [(CHUNK_BYTES + 1, 2), (3 * CHUNK_BYTES, 3)])
def test_large_payload_follows_in_chunks(size: int, chunks: int) -> None:
    payload = bytes(number % 251 for number in range(size))
    job, *parts = frames_of(payload)
    assert job["payload"] == {"bytes": size, "sha256": sha256(payload).hexdigest(), "parts": chunks}
    assert [(part["type"], part["job"], part["part"]) for part in parts] == [("part", "j1", n) for n in range(chunks)]
    assert b"".join(b64decode(str(part["data"])) for part in parts) == payload


def test_every_chunk_fits_a_frame() -> None:
    texts = job_frames(HEAD, bytes(2 * CHUNK_BYTES), interrupted="continue", mark=b"")
    assert max(len(text) for text in texts) <= MAX_FRAME_BYTES


def test_mark_goes_only_with_a_ticket_that_may_be_reprinted() -> None:
    assert frames_of(b"x", "reprint")[0]["mark"] == "Q09QWQ=="
    assert "mark" not in frames_of(b"x")[0]
