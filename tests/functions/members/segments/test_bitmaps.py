"""A bitmap is stored and read without a change."""

from functions.members.segments.bitmaps import CHUNK, bit_of, numbers
from functions.members.tables.bitmaps import pack, unpack


def test_a_bitmap_is_what_it_was_and_gives_its_numbers_in_order() -> None:
    member_numbers = [0, 1, 7, 8, 4095, CHUNK - 1]
    bitmap = sum(bit_of(number)[1] for number in member_numbers)
    assert unpack(pack(bitmap)) == bitmap
    assert unpack(pack(0)) == 0
    assert list(numbers(0, bitmap)) == member_numbers
    assert list(numbers(0, bitmap, after=7)) == [8, 4095, CHUNK - 1]
    assert list(numbers(2, 0b101)) == [2 * CHUNK, 2 * CHUNK + 2]
    assert list(numbers(2, 0b101, after=2 * CHUNK)) == [2 * CHUNK + 2]
    assert bit_of(3 * CHUNK + 5) == (3, 1 << 5)
