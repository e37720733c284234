"""The members of a chain, the same in each run: their numbers, and a bitmap for each value of each tag.

Every member has every tag, so that the counts of a tag sum up to the number of members.
"""

from collections import defaultdict
from datetime import UTC, datetime
from random import Random

from functions.members.segments.bitmaps import CHUNK
from functions.members.tables.bitmaps import UPSERT_BITMAPS, BitmapKey, pack
from functions.members.tags.registry import TAGS
from ops.migrate import open_database

MEMBERS_A_STORE = 500
ROWS = 1_000
CITIES = ("Lyon", "Oslo", "Porto", "Turin", "Ghent", "Basel", "Malmo")
ITEMS = tuple(f"item-{number}" for number in range(40))
MEMBER = """
    INSERT INTO members (id, chain_id, number, external_id, first_store, profiling, marketing, enrolled_at,
        last_sequence)
    VALUES (%s, 'demo', %s, %s, %s, TRUE, TRUE, %s, 1)"""
ENROLLED = datetime(2025, 7, 1, tzinfo=UTC)


def fill(url: str, stores: int) -> None:
    """The tags of all members, and the rows of the first thousand: a page reads few of them."""
    count, random = stores * MEMBERS_A_STORE, Random(7)  # noqa: S311 - the same in each run
    rows = [
        (f"{number:026}", number, f"member-{number}", f"demo:y{number % stores:05}", ENROLLED)
        for number in range(1, min(count, ROWS) + 1)
    ]
    connection = open_database(url)
    connection.begin()
    with connection.cursor() as cursor:
        cursor.executemany(MEMBER, rows)
        for key, bitmap in _bitmaps(count, stores, random).items():
            cursor.execute(UPSERT_BITMAPS, ("demo", *key, pack(bitmap)))
        connection.commit()
        cursor.execute("ANALYZE TABLE members, tag_bitmaps")
    connection.close()


def _bitmaps(count: int, stores: int, random: Random) -> dict[BitmapKey, int]:
    free = {"home_store": [f"y{store:05}" for store in range(stores)], "city": CITIES, "item": ITEMS}
    bits: dict[BitmapKey, bytearray] = defaultdict(lambda: bytearray(CHUNK >> 3))
    for name, tag in TAGS.items():
        values = tag.values or free.get(name) or ITEMS[:8]
        for number, value in enumerate(random.choices(values, k=count), 1):
            chunk, place = divmod(number, CHUNK)
            bits[name, value, chunk][place >> 3] |= 1 << (place & 7)
    return {key: int.from_bytes(bitmap, "little") for key, bitmap in bits.items()}
