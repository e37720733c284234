"""SQL of the tables `passkeys` and `passkey_challenges`."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from functions.people.passkeys.passkey import Credential
from shared.spine.db import Row, Transaction

LASTS = timedelta(minutes=5)

COLUMNS = "id, person_id, domain, credential_id, public_key, sign_count, name, synced, made_at, used_at"
SELECT_PASSKEYS = f"""
    SELECT {COLUMNS} FROM passkeys WHERE person_id = %(person)s ORDER BY id LIMIT 100"""  # noqa: S608 - of a constant
LOCK_PASSKEYS = f"{SELECT_PASSKEYS} FOR UPDATE"
LOCK_BY_CREDENTIAL = f"""
    SELECT {COLUMNS} FROM passkeys
    WHERE credential_hash = %(credential_hash)s FOR UPDATE"""  # noqa: S608 - of a constant
INSERT_PASSKEY = """
    INSERT INTO passkeys (id, person_id, domain, credential_hash, credential_id, public_key, sign_count, name, synced,
        made_at)
    VALUES (%(id)s, %(person)s, %(domain)s, %(credential_hash)s, %(credential_id)s, %(public_key)s, %(sign_count)s,
        %(name)s, %(synced)s, %(made_at)s)"""
UPDATE_USED = "UPDATE passkeys SET sign_count = %(sign_count)s, used_at = %(now)s WHERE id = %(id)s"
DELETE_PASSKEY = "DELETE FROM passkeys WHERE person_id = %(person)s AND id = %(id)s"
DELETE_PASSKEYS = "DELETE FROM passkeys WHERE person_id = %(person)s"
INSERT_CHALLENGE = """
    INSERT INTO passkey_challenges (challenge_hash, session_id, expires_at)
    VALUES (%(challenge_hash)s, %(session)s, %(expires_at)s)"""
LOCK_CHALLENGE = """
    SELECT session_id, expires_at FROM passkey_challenges WHERE challenge_hash = %(challenge_hash)s FOR UPDATE"""
DELETE_CHALLENGE = "DELETE FROM passkey_challenges WHERE challenge_hash = %(challenge_hash)s"
DELETE_OLD_CHALLENGES = "DELETE FROM passkey_challenges WHERE expires_at < %(before)s LIMIT 1000"


@dataclass(frozen=True)
class Passkey:
    """A passkey of a person, good on the pages of one domain."""

    id: str
    person: str
    domain: str
    credential: Credential
    name: str
    made_at: datetime
    used_at: datetime | None = None


def read_passkeys(transaction: Transaction, person: str, *, lock: bool = False) -> list[Passkey]:
    """The passkeys of a person, the oldest first. With `lock` none is added or removed until the transaction's end."""
    return list(map(_passkey, transaction.rows(LOCK_PASSKEYS if lock else SELECT_PASSKEYS, {"person": person})))


def lock_by_credential(transaction: Transaction, credential: bytes) -> Passkey | None:
    """The passkey with this credential id, locked until the end of the transaction."""
    row = transaction.row(LOCK_BY_CREDENTIAL, {"credential_hash": hashlib.sha256(credential).digest()})
    return _passkey(row) if row else None


def insert_passkey(transaction: Transaction, passkey: Passkey) -> None:
    """Store a new passkey. Raises `Duplicate`."""
    credential = passkey.credential
    values = vars(passkey) | vars(credential) | {"id": passkey.id, "credential_id": credential.id}
    del values["credential"]
    transaction.execute(INSERT_PASSKEY, values | {"credential_hash": hashlib.sha256(credential.id).digest()})


def update_used(transaction: Transaction, passkey: str, sign_count: int, now: datetime) -> None:
    """The passkey was used."""
    transaction.execute(UPDATE_USED, {"id": passkey, "sign_count": sign_count, "now": now})


def delete_passkey(transaction: Transaction, person: str, passkey: str) -> bool:
    """Delete a passkey of the person. Whether there was one."""
    return transaction.execute(DELETE_PASSKEY, {"person": person, "id": passkey}) > 0


def delete_passkeys(transaction: Transaction, person: str) -> int:
    """Delete all passkeys of the person. How many there were."""
    return transaction.execute(DELETE_PASSKEYS, {"person": person})


def insert_challenge(transaction: Transaction, challenge: str, session: str | None, now: datetime) -> None:
    """A passkey is asked for: by a session that adds one, or with None by a sign-in."""
    values = {"challenge_hash": _hash(challenge), "session": session, "expires_at": now + LASTS}
    transaction.execute(INSERT_CHALLENGE, values)


def take_challenge(transaction: Transaction, challenge: str, session: str | None, now: datetime) -> bool:
    """Whether the challenge is good for this session, or with None for a sign-in. It is used up by this."""
    values = {"challenge_hash": _hash(challenge)}
    row = transaction.row(LOCK_CHALLENGE, values)
    if row is None or row["session_id"] != session:
        return False
    transaction.execute(DELETE_CHALLENGE, values)
    expires_at: datetime = row["expires_at"].replace(tzinfo=UTC)
    return now < expires_at


def delete_old_challenges(transaction: Transaction, before: datetime) -> int:
    """Delete challenges that were not used, at most a thousand. How many there were."""
    return transaction.execute(DELETE_OLD_CHALLENGES, {"before": before})


def _hash(challenge: str) -> bytes:
    return hashlib.sha256(challenge.encode("utf-8", "surrogatepass")).digest()


def _passkey(row: Row) -> Passkey:
    return Passkey(
        row["id"],
        row["person_id"],
        row["domain"],
        Credential(bytes(row["credential_id"]), bytes(row["public_key"]), row["sign_count"], bool(row["synced"])),
        row["name"],
        row["made_at"].replace(tzinfo=UTC),
        row["used_at"].replace(tzinfo=UTC) if row["used_at"] else None,
    )
