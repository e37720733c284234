"""The SQL of bitmaps: for each tag, value and chunk of members, one bit for each member with the value.

A stored bitmap is a little-endian integer, compressed by zlib.
"""

import zlib
from collections.abc import Mapping, Sequence

from shared.spine.db import Row, Transaction

LOCK_BITMAPS = """
    SELECT tag, value, chunk, members FROM tag_bitmaps
    WHERE chain_id = %s AND tag IN %s AND value IN %s AND chunk IN %s FOR UPDATE"""
UPSERT_BITMAPS = """
    INSERT INTO tag_bitmaps (chain_id, tag, value, chunk, members) VALUES (%s, %s, %s, %s, %s)
    ON DUPLICATE KEY UPDATE members = VALUES(members)"""
SELECT_BITMAPS = "SELECT tag, value, chunk, members FROM tag_bitmaps WHERE chain_id = %s AND tag IN %s"
SELECT_BITMAPS_OF_VALUES = f"{SELECT_BITMAPS} AND value IN %s"

BitmapKey = tuple[str, str, int]  # tag, value, chunk


def pack(bitmap: int) -> bytes:
    """The stored form."""
    return zlib.compress(bitmap.to_bytes((bitmap.bit_length() + 7) // 8, "little"), 1)


def unpack(packed: bytes) -> int:
    """The bitmap of a stored form."""
    return int.from_bytes(zlib.decompress(packed), "little")


def lock_bitmaps(transaction: Transaction, chain: str, keys: Sequence[BitmapKey]) -> dict[BitmapKey, int]:
    """The bitmaps with rows, among these keys."""
    if not keys:
        return {}
    tags, values, chunks = (tuple(set(column)) for column in zip(*keys, strict=True))
    return _by_key(transaction.rows(LOCK_BITMAPS, (chain, tags, values, chunks)))


def upsert_bitmaps(transaction: Transaction, chain: str, bitmaps: Mapping[BitmapKey, int]) -> None:
    """Write all bitmaps in one statement."""
    if bitmaps:
        transaction.execute_many(UPSERT_BITMAPS, [(chain, *key, pack(bitmap)) for key, bitmap in bitmaps.items()])


def read_bitmaps(
    transaction: Transaction, chain: str, tags: Sequence[str], values: Sequence[str] = ()
) -> dict[BitmapKey, int]:
    """The bitmaps of these tags, or only of these values of them."""
    if not tags:
        return {}
    if values:
        return _by_key(transaction.rows(SELECT_BITMAPS_OF_VALUES, (chain, tuple(tags), tuple(values))))
    return _by_key(transaction.rows(SELECT_BITMAPS, (chain, tuple(tags))))


def _by_key(rows: Sequence[Row]) -> dict[BitmapKey, int]:
    return {(row["tag"], row["value"], row["chunk"]): unpack(row["members"]) for row in rows}
