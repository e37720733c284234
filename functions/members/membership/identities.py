"""Identities of a member: a phone, a union id or a card, found by keyed hashes."""

import hashlib
import hmac
from collections.abc import Sequence

from functions.members.tables.identities import read_identity_owner, replace_identity
from functions.members.tables.members import Member
from shared.spine.auth import cipher
from shared.spine.db import Duplicate, Transaction
from shared.spine.errors import Conflict

IDENTITY_KINDS = ("phone", "union_id", "card")


def lookup_hashes(keyring: Sequence[str], chain: str, kind: str, value: str) -> list[bytes]:
    """HMAC-SHA256 of an identity under each key of the ring, the newest key first.

    The same value in another chain or of another kind has another hash. A plain hash of a phone number could be
    reversed: a program can hash all phone numbers.
    """
    text = f"{chain}\0{kind}\0{value}".encode()
    return [hmac.digest(key.encode(), text, hashlib.sha256) for key in keyring]


def set_identity(transaction: Transaction, keyring: Sequence[str], member: Member, kind: str, value: str) -> None:
    """Give the member this identity. Raises `Conflict` if another member has it."""
    hashes = lookup_hashes(keyring, member.chain, kind, value)
    if read_identity_owner(transaction, hashes) not in (None, member.id):
        raise _identity_taken(kind)
    try:
        replace_identity(transaction, member.id, kind, hashes[0], cipher(keyring).encrypt(value.encode()))
    except Duplicate:
        raise _identity_taken(kind) from None


def _identity_taken(kind: str) -> Conflict:
    return Conflict("identity_taken", f"Another member has this {kind}. Merge the two members, or correct the {kind}.")
