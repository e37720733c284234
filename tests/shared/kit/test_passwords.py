"""Hashes of passwords, held to another implementation of RFC 9106."""

import re

import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from shared.kit import passwords


def test_a_hash_fits_its_password_alone() -> None:
    stored = passwords.hash_of("correct horse battery")
    assert passwords.fits("correct horse battery", stored)
    assert not passwords.fits("correct horse batterz", stored)
    assert not passwords.fits("", stored)
    assert passwords.hash_of("correct horse battery") != stored


def test_the_hash_says_its_parameters() -> None:
    stored = passwords.hash_of("x")
    assert re.fullmatch(r"\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}", stored)
    assert not passwords.is_stale(stored)
    assert passwords.is_stale(stored.replace("t=2", "t=1"))


# Made by the reference implementation (https://github.com/P-H-C/phc-winner-argon2, test.c): version 19, 2 passes.
REFERENCE = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"


def test_a_hash_of_the_reference_implementation_fits() -> None:
    assert passwords.fits("password", REFERENCE)
    assert not passwords.fits("differentpassword", REFERENCE)
    assert passwords.is_stale(REFERENCE)


def test_the_same_characters_composed_in_another_way_are_the_same_password() -> None:
    assert passwords.fits("cafe\u0301 au lait", passwords.hash_of("caf\u00e9 au lait"))


@pytest.mark.parametrize("stored", [None, "", "plain", "$argon2id$v=19$m=1", "$2b$12$abcdefghijklmnopqrstuv"])
def test_without_a_hash_no_password_fits_after_the_same_work(
    stored: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked: list[str] = []

    class Watched:
        @staticmethod
        def verify_phc_encoded(password: bytes, phc: str) -> None:
            worked.append(phc)
            Argon2id.verify_phc_encoded(password, phc)

    monkeypatch.setattr(passwords, "Argon2id", Watched)
    assert not passwords.fits("nobody", stored)
    assert [text.startswith(passwords.hash_parameters()) for text in worked] == [True]
