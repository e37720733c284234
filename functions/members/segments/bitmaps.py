"""Bitmaps: one bit for each member. A segment is counted without a read of the members' rows.

The members of a chain have numbers; 65,536 numbers share a chunk. A bitmap is a Python integer: AND, OR and the count
of its bits take microseconds.
"""

from collections.abc import Iterator

CHUNK_BITS = 16
CHUNK = 1 << CHUNK_BITS


def bit_of(number: int) -> tuple[int, int]:
    """(chunk, bit) of a member's number."""
    return number >> CHUNK_BITS, 1 << (number & (CHUNK - 1))


def numbers(chunk: int, bitmap: int, after: int = -1) -> Iterator[int]:
    """The members' numbers in a bitmap that are greater than `after`, sorted."""
    first = chunk << CHUNK_BITS
    skipped = max(after + 1 - first, 0)
    bitmap = bitmap >> skipped << skipped
    for index, byte in enumerate(bitmap.to_bytes((bitmap.bit_length() + 7) // 8, "little")):
        if byte:
            yield from (first + 8 * index + bit for bit in range(8) if byte >> bit & 1)
