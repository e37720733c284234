"""SQL of the table `guest_contacts`: a guest at one service, and whether the guest wants messages."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from functions.outlets.states import OptOut
from shared.spine.db import Row, Transaction

COLUMNS = """contact_id, chain_id, robot_key, address, guest_hash, member_id, subscription, opted_out, gone_at,
    followed_at"""
# The same guest again keeps its id and its wishes. Names that are new are added.
UPSERT_CONTACT = """
    INSERT INTO guest_contacts
        (contact_id, chain_id, robot_key, address, guest_hash, member_id, subscription, opted_out, created_at, used_at)
    VALUES (%(id)s, %(chain)s, %(robot)s, %(address)s, %(guest_hash)s, %(member)s, %(subscription)s, %(opted_out)s,
        %(now)s, %(now)s)
    ON DUPLICATE KEY UPDATE
        guest_hash = COALESCE(VALUES(guest_hash), guest_hash), member_id = COALESCE(VALUES(member_id), member_id),
        subscription = COALESCE(VALUES(subscription), subscription), used_at = VALUES(used_at)"""
SELECT_BY_ADDRESS = f"""
    SELECT {COLUMNS} FROM guest_contacts WHERE robot_key = %(robot)s AND address = %(address)s"""  # noqa: S608
SELECT_CONTACT = f"""
    SELECT {COLUMNS} FROM guest_contacts WHERE contact_id = %(contact)s"""  # noqa: S608 - of a constant
LOCK_CONTACT = f"{SELECT_CONTACT} FOR UPDATE"
LOCK_BY_ADDRESS = f"{SELECT_BY_ADDRESS} FOR UPDATE"
# Two statements in place of OR: each has an index of its own.
SELECT_OF_GUEST = f"""
    SELECT {COLUMNS} FROM guest_contacts WHERE chain_id = %(chain)s AND guest_hash = %(guest_hash)s
    ORDER BY contact_id"""  # noqa: S608 - of a constant
SELECT_OF_MEMBER = f"""
    SELECT {COLUMNS} FROM guest_contacts WHERE member_id = %(member)s AND chain_id = %(chain)s
    ORDER BY contact_id"""  # noqa: S608 - of a constant
UPDATE_OPT_OUT = (
    "UPDATE guest_contacts SET opted_out = %(opted_out)s, used_at = %(now)s WHERE contact_id IN %(contacts)s"
)
UPDATE_GONE = "UPDATE guest_contacts SET gone_at = %(now)s WHERE contact_id = %(contact)s"
UPDATE_FOLLOWED = """
    UPDATE guest_contacts SET gone_at = %(gone_at)s, followed_at = %(at)s
    WHERE contact_id = %(contact)s AND (followed_at IS NULL OR followed_at <= %(at)s)"""
UPDATE_MEMBER = "UPDATE guest_contacts SET member_id = %(into)s WHERE member_id = %(member)s AND chain_id = %(chain)s"
DELETE_CONTACTS = "DELETE FROM guest_contacts WHERE contact_id IN %(contacts)s"
DELETE_RIGHTS = "DELETE FROM guest_rights WHERE contact_id IN %(contacts)s"
DELETE_CONSENTS = "DELETE FROM guest_consents WHERE contact_id IN %(contacts)s"
# The row of a push stays for the counts of a day. Its words go.
ERASE_PUSHES = """
    UPDATE guest_pushes SET content = '', detail = NULL,
        reason = IF(state = 'waiting', 'forgotten', reason), state = IF(state = 'waiting', 'dropped', state)
    WHERE contact_id IN %(contacts)s"""
SELECT_UNUSED = "SELECT contact_id FROM guest_contacts WHERE used_at < %(before)s ORDER BY used_at LIMIT 500"
SELECT_FORGOTTEN = "SELECT member_id FROM forgotten_members WHERE member_id = %(member)s"


@dataclass(frozen=True)
class Contact:
    """A guest at a service. `guest_hash` and `member` name the person; `subscription` is a browser's, encrypted."""

    id: str
    chain: str
    robot: str
    address: str
    guest_hash: str | None = None
    member: str | None = None
    subscription: bytes | None = field(default=None, repr=False)
    opted_out: OptOut = OptOut.NOTHING
    gone_at: datetime | None = None
    followed_at: datetime | None = None


def upsert_contact(transaction: Transaction, contact: Contact, now: datetime) -> None:
    """Add a guest, or add names to a known one. A known guest's wishes stay."""
    transaction.execute(UPSERT_CONTACT, vars(contact) | {"now": now})


def read_contact(transaction: Transaction, contact: str) -> Contact | None:
    """One guest."""
    row = transaction.row(SELECT_CONTACT, {"contact": contact})
    return _contact(row) if row else None


def lock_contact(transaction: Transaction, contact: str) -> Contact | None:
    """One guest, locked: all that is decided about a guest's messages is decided under this lock."""
    row = transaction.row(LOCK_CONTACT, {"contact": contact})
    return _contact(row) if row else None


def lock_contact_at(transaction: Transaction, robot: str, address: str) -> Contact | None:
    """The guest with this name at a service, locked."""
    row = transaction.row(LOCK_BY_ADDRESS, {"robot": robot, "address": address})
    return _contact(row) if row else None


def read_contacts_of(transaction: Transaction, chain: str, guest_hash: str | None, member: str | None) -> list[Contact]:
    """A person at all services, by the name in a mini-program or as a member."""
    rows: list[Row] = []
    if guest_hash:
        rows += transaction.rows(SELECT_OF_GUEST, {"chain": chain, "guest_hash": guest_hash})
    if member:
        rows += transaction.rows(SELECT_OF_MEMBER, {"chain": chain, "member": member})
    return list({row["contact_id"]: _contact(row) for row in rows}.values())


def update_opt_out(transaction: Transaction, contacts: Sequence[str], opted_out: OptOut, now: datetime) -> None:
    """The person wants no such messages from now on."""
    if contacts:
        transaction.execute(UPDATE_OPT_OUT, {"contacts": tuple(contacts), "opted_out": opted_out, "now": now})


def update_gone(transaction: Transaction, contact: str, now: datetime) -> None:
    """The service takes no more messages for the guest."""
    transaction.execute(UPDATE_GONE, {"contact": contact, "now": now})


def update_followed(transaction: Transaction, contact: str, at: datetime, *, follows: bool) -> None:
    """The guest follows the account since `at`, or no more. A later event that came earlier stays."""
    transaction.execute(UPDATE_FOLLOWED, {"contact": contact, "at": at, "gone_at": None if follows else at})


def update_member(transaction: Transaction, chain: str, member: str, into: str) -> None:
    """A member became another one."""
    transaction.execute(UPDATE_MEMBER, {"chain": chain, "member": member, "into": into})


def delete_contacts(transaction: Transaction, contacts: Sequence[str]) -> None:
    """Delete guests with their consents. Their pushes lose their words."""
    for statement in (ERASE_PUSHES, DELETE_RIGHTS, DELETE_CONSENTS, DELETE_CONTACTS) if contacts else ():
        transaction.execute(statement, {"contacts": tuple(contacts)})


def read_unused_contacts(transaction: Transaction, before: datetime) -> list[str]:
    """At most 500 guests of whom nothing was heard since this time."""
    return [row["contact_id"] for row in transaction.rows(SELECT_UNUSED, {"before": before})]


def is_forgotten(transaction: Transaction, member: str) -> bool:
    """Whether the member was forgotten, perhaps before a late request came."""
    return transaction.row(SELECT_FORGOTTEN, {"member": member}) is not None


def _contact(row: Row) -> Contact:
    return Contact(
        row["contact_id"],
        row["chain_id"],
        row["robot_key"],
        row["address"],
        row["guest_hash"],
        row["member_id"],
        bytes(row["subscription"]) if row["subscription"] is not None else None,
        OptOut(row["opted_out"]),
        row["gone_at"] and row["gone_at"].replace(tzinfo=UTC),
        row["followed_at"] and row["followed_at"].replace(tzinfo=UTC),
    )
