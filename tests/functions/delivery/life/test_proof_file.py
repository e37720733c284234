"""Pauses between looks, keys, and media types by first bytes."""

from datetime import UTC, datetime, timedelta

import pytest

from functions.delivery.life.proof_file import ProofKind, media_type_of, next_look, object_key

NOW = datetime(2026, 12, 1, tzinfo=UTC)


def test_each_pause_is_twice_as_long_up_to_an_hour_and_the_looks_end_after_three_days() -> None:
    pauses = [next_look(looks, NOW, NOW) for looks in range(8)]
    assert [(pause or NOW) - NOW for pause in pauses] == [
        timedelta(minutes=minutes) for minutes in (1, 2, 4, 8, 16, 32, 60, 60)
    ]
    assert next_look(100, NOW, NOW + timedelta(days=2, hours=23)) == NOW + timedelta(days=3)
    assert next_look(100, NOW, NOW + timedelta(days=2, hours=23, seconds=1)) is None


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"\xff\xd8\xff\xdb", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp"),
        (b"RIFF\x10\0\0\0WAVE", None), (b"<svg>", None), (b"%PDF-1.7", None), (b"", None),
    ],
)  # fmt: skip
def test_media_types(content: bytes, media_type: str | None) -> None:
    assert media_type_of(content) == media_type


def test_another_content_has_another_key() -> None:
    keys = {object_key("demo", "D", kind, hash_) for kind in ProofKind for hash_ in (b"\0" * 32, b"\1" * 32)}
    assert len(keys) == 6
    assert f"demo/D/photo-{'00' * 16}" in keys
