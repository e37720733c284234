"""SQL of the tables `guest_consents` and `guest_rights`: the ledger of a guest's consents to a template."""

import json
from datetime import UTC, datetime
from hashlib import sha256

from functions.outlets.guests.consents import NEVER, Consents, Right, RightStatus
from shared.spine.db import Row, Transaction

# An update that changes nothing locks the row, so that one worker at a time changes the rights.
LOCK_CONSENTS = """
    INSERT INTO guest_consents (contact_id, template, refused_at, given_back)
    VALUES (%(contact)s, %(template)s, %(never)s, '[]')
    ON DUPLICATE KEY UPDATE template = VALUES(template)"""
SELECT_CONSENTS = """
    SELECT refused_at, given_back FROM guest_consents WHERE contact_id = %(contact)s AND template = %(template)s
    FOR UPDATE"""
SELECT_RIGHTS = """
    SELECT event_hash, accepted_at, state, try_id FROM guest_rights
    WHERE contact_id = %(contact)s AND template = %(template)s"""
UPDATE_CONSENTS = """
    UPDATE guest_consents SET refused_at = %(refused_at)s, given_back = %(given_back)s
    WHERE contact_id = %(contact)s AND template = %(template)s"""
UPSERT_RIGHTS = """
    INSERT INTO guest_rights (contact_id, template, event_hash, accepted_at, state, try_id)
    VALUES (%(contact)s, %(template)s, %(event)s, %(accepted_at)s, %(state)s, %(try)s)
    ON DUPLICATE KEY UPDATE state = VALUES(state), try_id = VALUES(try_id)"""
COUNT_FREE = """
    SELECT template, COUNT(*) AS free FROM guest_rights WHERE contact_id = %(contact)s AND state = 'free'
    GROUP BY template ORDER BY template"""
# A right that may still be used is never dropped.
DELETE_OLD = """
    DELETE FROM guest_rights WHERE accepted_at < %(before)s AND state IN ('spent', 'void') LIMIT 1000"""
# A try that comes again after so many others is not recognised.
MOST_GIVEN_BACK = 50


def event_hash(event_id: str) -> str:
    """The name of an accept's event in the ledger: 64 hexadecimal digits."""
    return sha256(event_id.encode()).hexdigest()


def lock_consents(transaction: Transaction, contact: str, template: str) -> Consents:
    """The ledger of a guest and template, locked. Rights are by the hash of their event."""
    values = {"contact": contact, "template": template, "never": NEVER}
    transaction.execute(LOCK_CONSENTS, values)
    row = transaction.row(SELECT_CONSENTS, values)
    assert row is not None  # it was just locked
    rights = {row["event_hash"]: _right(row) for row in transaction.rows(SELECT_RIGHTS, values)}
    return Consents(rights, row["refused_at"].replace(tzinfo=UTC), frozenset(json.loads(row["given_back"])))


def update_consents(transaction: Transaction, contact: str, template: str, before: Consents, after: Consents) -> None:
    """Store what changed of a locked ledger."""
    changed = [(event, right) for event, right in after.rights.items() if before.rights.get(event) != right]
    names = {"contact": contact, "template": template}
    if changed:
        rows: list[dict[str, object]] = [
            {**names} | {"event": event, "accepted_at": right.accepted_at, "state": right.status, "try": right.push}
            for event, right in changed
        ]
        transaction.execute_many(UPSERT_RIGHTS, rows)
    if (before.refused_at, before.returned) != (after.refused_at, after.returned):
        given_back = json.dumps(sorted(after.returned)[-MOST_GIVEN_BACK:])
        transaction.execute(UPDATE_CONSENTS, names | {"refused_at": after.refused_at, "given_back": given_back})


def read_free_rights(transaction: Transaction, contact: str) -> dict[str, int]:
    """The messages that each template may still send to a guest."""
    return {row["template"]: row["free"] for row in transaction.rows(COUNT_FREE, {"contact": contact})}


def delete_old_rights(transaction: Transaction, before: datetime) -> int:
    """Delete at most a thousand used and void rights of before this time."""
    return transaction.execute(DELETE_OLD, {"before": before})


def _right(row: Row) -> Right:
    return Right(row["accepted_at"].replace(tzinfo=UTC), RightStatus(row["state"]), row["try_id"])
