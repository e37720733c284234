"""Ids sort by time, and say nothing that others could not read."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some
from pydantic import TypeAdapter, ValidationError
from ulid import ULID

from shared.contracts.ids import Ulid, derived_id, derived_part_id, first_id, new_id

MOMENT = datetime(2025, 1, 15, 12, 0, 0, 123_000, tzinfo=UTC)
MOMENTS = some.datetimes(datetime(1970, 1, 1), datetime(2999, 12, 31), timezones=some.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone


def test_an_id_begins_with_its_time() -> None:
    # 2025-01-15T12:00:00.123Z is 1736942400123 ms, in Crockford's base 32 01JHMXBCKV.
    assert new_id(MOMENT)[:10] == "01JHMXBCKV"
    assert first_id(MOMENT) == "01JHMXBCKV0000000000000000"


def test_ids_of_one_moment_differ_and_are_well_formed() -> None:
    made = [new_id(MOMENT) for _ in range(1000)]
    assert len(set(made)) == 1000
    for one in made:
        TypeAdapter(Ulid).validate_python(one)


@given(MOMENTS)
def test_python_ulid_reads_our_ids_as_we_mean_them(moment: datetime) -> None:
    made = new_id(moment)
    read = ULID.from_str(made)
    assert str(read) == made
    assert read.milliseconds == int(moment.timestamp() * 1000)


@given(MOMENTS, some.timedeltas(timedelta(0), timedelta(days=1)))
def test_no_id_made_from_a_moment_on_sorts_before_its_first_id(moment: datetime, later: timedelta) -> None:
    assert first_id(moment) <= new_id(moment + later)


def test_a_derived_id_is_the_hash_of_its_parts_under_the_time_of_its_moment() -> None:
    # printf '\0\0\0\004demo\0\0\0\005caf\303\251' | sha256sum | cut -c1-20; then ULID.from_hex("019469D5B27B" + that)
    assert derived_id(MOMENT, "demo", "café") == "01JHMXBCKVKNQ60R2DM0V874YB"


def test_the_id_of_a_part_has_the_time_of_its_record() -> None:
    digest = hashlib.sha256(b"\0\0\0\x1a01JHMXBCKVKNQ60R2DM0V874YB\0\0\0\x04part").hexdigest()[:20]
    expected = ULID.from_hex(f"{1736942400123:012x}{digest}")
    assert derived_part_id("01JHMXBCKVKNQ60R2DM0V874YB", "part") == str(expected)


@pytest.mark.parametrize("other", [("dem", "ocafé"), ("démo", "café"), ("demo", "café", ""), ("café", "demo")])
def test_other_parts_derive_another_id(other: tuple[str, ...]) -> None:
    assert derived_id(MOMENT, *other) != derived_id(MOMENT, "demo", "café")


@pytest.mark.parametrize(
    "text", ["", "01JHMXBCKV", "81JHN46H3V0000000000000000", "01jhmxbckv0000000000000000", "01JHMXBCKVU000000000000000"]
)
def test_what_is_no_ulid_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Ulid).validate_python(text)
