"""Guests at services: they are added, they opt out, they become another member, and they are forgotten."""

from dataclasses import replace
from datetime import datetime

from functions.outlets.states import OptOut
from functions.outlets.tables.guest_contacts import (
    Contact,
    delete_contacts,
    is_forgotten,
    lock_contact_at,
    read_contacts_of,
    update_member,
    update_opt_out,
    upsert_contact,
)
from functions.outlets.tables.robots import StoredRobot
from shared.contracts.ids import member_id, new_id
from shared.contracts.messages.members import MemberForgotten, MemberMerged
from shared.spine.db import Transaction
from shared.spine.env import Environment
from shared.spine.guest_tokens import guest_hash

AT_ONCE = 100


def contact_at(transaction: Transaction, robot: StoredRobot, address: str, now: datetime) -> Contact:
    """The guest with this name at a service, locked. A new guest is added.

    In a mini-program the guest's name in tokens is the openid, unless the chain's server has said otherwise.
    """
    stored = lock_contact_at(transaction, robot.key, address)
    if stored:
        return stored
    source = robot.settings.get("source_id")
    named = guest_hash(robot.chain, source, address) if source else None
    return add_contact(transaction, Contact(new_id(now), robot.chain, robot.key, address, named), now)


def add_contact(transaction: Transaction, contact: Contact, now: datetime) -> Contact:
    """The guest, locked, as it is after the names were added. A new one has the wishes of the same person."""
    if contact.member and is_forgotten(transaction, contact.member):
        contact = replace(contact, member=None)
    known = read_contacts_of(transaction, contact.chain, contact.guest_hash, contact.member)
    wishes = max((contact.opted_out for contact in known), key=list(OptOut).index, default=OptOut.NOTHING)
    upsert_contact(transaction, replace(contact, opted_out=wishes), now)
    stored = lock_contact_at(transaction, contact.robot, contact.address)
    assert stored is not None  # it was just stored
    return stored


def opt_out(transaction: Transaction, contact: Contact, opted_out: OptOut, now: datetime) -> list[Contact]:
    """The wishes of a person, at all services at which the person is known. Returns the guests."""
    known = read_contacts_of(transaction, contact.chain, contact.guest_hash, contact.member)
    contacts = {contact.id: contact for contact in [contact, *known]}
    update_opt_out(transaction, sorted(contacts), opted_out, now)
    return [replace(contact, opted_out=opted_out) for contact in contacts.values()]


def forget(env: Environment, data: MemberForgotten) -> int:
    """Delete all guests of a member, by our id and by the chain's own ids. Returns their number."""
    members = {data.member, *(member_id(data.chain, external) for external in data.external_ids)}
    deleted = 0
    for member in sorted(members):
        with env.db.transaction() as transaction:
            contacts = [contact.id for contact in read_contacts_of(transaction, data.chain, None, member)]
            delete_contacts(transaction, contacts)
            deleted += len(contacts)
    return deleted


def merge(env: Environment, data: MemberMerged) -> None:
    """The guests of a member are those of another one."""
    with env.db.transaction() as transaction:
        update_member(transaction, data.chain, data.member, data.into)
