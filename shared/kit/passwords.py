"""Hashes of passwords by Argon2id (RFC 9106), from the library that every function has already.

A hash is text in the PHC string format with its own parameters. Those of now are of the OWASP password storage cheat
sheet: 19 MiB and two passes. A login then takes a tenth of a second of a function's processor.
"""

import os
import re
import unicodedata

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

MEMORY_KIB, PASSES, LANES, LENGTH, SALT = 19_456, 2, 1, 32, 16
_NOW = f"$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}$"
# The hash of a password that was thrown away: to check against it is the work for an account that does not exist.
_NOBODYS = f"{_NOW}+MhM2OAkkNbdOzqL/DuN8w$OszoxNLKA2aDJ4StFSoaUH8dTqhK3ErfWfFNZ5gau6M"
_PHC = re.compile(r"\$argon2id\$v=19\$m=[0-9]{1,7},t=[0-9]{1,2},p=[0-9]{1,2}\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+")


def hash_of(password: str) -> str:
    """The hash of a password under the parameters of now, with a salt of its own."""
    salt = os.urandom(SALT)
    function = Argon2id(salt=salt, length=LENGTH, iterations=PASSES, lanes=LANES, memory_cost=MEMORY_KIB)
    return function.derive_phc_encoded(_bytes_of(password))


def fits(password: str, stored: str | None) -> bool:
    """Whether the hash is of this password. Without a hash the same work is done, and the answer is no."""
    known = stored is not None and _PHC.fullmatch(stored) is not None
    try:
        Argon2id.verify_phc_encoded(_bytes_of(password), stored if known and stored else _NOBODYS)
    except InvalidKey:
        return False
    return known


def is_stale(stored: str) -> bool:
    """Whether the hash has other parameters than those of now, so that the next login should replace it."""
    return not stored.startswith(_NOW)


def hash_parameters() -> str:
    """The first part of each new hash."""
    return _NOW


def _bytes_of(password: str) -> bytes:
    """NIST SP 800-63B, 3.1.1.2: keyboards compose the same characters differently."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
