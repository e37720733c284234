"""Who has which value of a tag, a bit a member: a segment is counted without reading a member's row.

Members of a chain are numbered; 65,536 of them share a row. An integer of Python is the bitmap: AND, OR and counting
its bits take microseconds.
"""

import zlib
from collections.abc import Iterator

CHUNK_BITS = 16
CHUNK = 1 << CHUNK_BITS


def place_of(number: int) -> tuple[int, int]:
    """(chunk, bit) of a member's number."""
    return number >> CHUNK_BITS, 1 << (number & (CHUNK - 1))


def pack(bitmap: int) -> bytes:
    """As it is kept."""
    return zlib.compress(bitmap.to_bytes((bitmap.bit_length() + 7) // 8, "little"), 1)


def unpack(kept: bytes) -> int:
    """As it was."""
    return int.from_bytes(zlib.decompress(kept), "little")


def numbers(chunk: int, bitmap: int, after: int = -1) -> Iterator[int]:
    """Of the members in it, rising, those beyond `after`."""
    first = chunk << CHUNK_BITS
    skipped = max(after + 1 - first, 0)
    bitmap = bitmap >> skipped << skipped
    for place, byte in enumerate(bitmap.to_bytes((bitmap.bit_length() + 7) // 8, "little")):
        if byte:
            yield from (first + 8 * place + bit for bit in range(8) if byte >> bit & 1)
