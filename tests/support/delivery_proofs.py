"""Files of deliveries: small pictures, their declaration, and their upload as a page does it."""

import hashlib
import struct
import zlib
from typing import Any

import httpx

from stack.gateway_event import Answer
from tests.support.deliveries import World
from tests.support.orders import Caller

# The smallest pictures that the formats' specifications allow are longer; a check by the first bytes takes these.
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(200))
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(150))
PAGE_SECONDS = 20


def png(width: int, height: int) -> bytes:
    """A black picture that browsers can show (PNG, RFC 2083)."""
    rows = (b"\0" * (width + 1)) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(_chunk, chunks))


def _chunk(chunk: tuple[bytes, bytes]) -> bytes:
    name, content = chunk
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def declaration(kind: str, content: bytes, media_type: str = "image/jpeg") -> dict[str, Any]:
    """What a page says of a file."""
    return {"kind": kind, "type": media_type, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def open_proof(who: Caller, delivery: str, kind: str, content: bytes, media_type: str = "image/jpeg") -> Answer:
    """Declare a file."""
    return who("POST", f"/v1/deliveries/{delivery}/proofs", declaration(kind, content, media_type))


def put(upload: dict[str, Any], content: bytes, **headers: str) -> httpx.Response:
    """Upload a file as a page does."""
    return httpx.put(upload["url"], content=content, headers=upload["headers"] | headers, timeout=PAGE_SECONDS)


def say_uploaded(who: Caller, delivery: str, kind: str) -> Answer:
    """Say that the file is there."""
    return who("POST", f"/v1/deliveries/{delivery}/proofs/{kind}/uploaded", {})


def link(who: Caller, delivery: str, kind: str) -> Answer:
    """Ask to see a file."""
    return who("POST", f"/v1/deliveries/{delivery}/proofs/{kind}/links", {})


def states(world: World, delivery: str) -> dict[str, str]:
    """The state of each file, as the desk sees it."""
    return {proof["kind"]: proof["state"] for proof in world.see(delivery)["proofs"]}


def delivered(world: World, **details: Any) -> str:
    """A delivery that `ana` has brought to the door."""
    delivery, ana = world.accepted(), world.couriers["ana"]
    assert world.act(ana, delivery, "pick_up", "accepted").status == 200
    answer = world.act(ana, delivery, "deliver", "picked_up", left_with="door", **details)
    assert answer.status == 200, answer.text
    return delivery
