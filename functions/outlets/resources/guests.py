"""/v1/outlets/guests: the chain's own server names its guests at a service, and reads what they got."""

from http import HTTPStatus
from typing import Annotated

from pydantic import StringConstraints

from functions.outlets.guests.accounts import API, CALLBACK
from functions.outlets.guests.services import GUEST_SERVICES, WEB_PUSH
from functions.outlets.pushing.contacts import add_contact, opt_out
from functions.outlets.pushing.ledger import add_accept
from functions.outlets.resources.access import MANAGE, READ, ChainQuery, require
from functions.outlets.resources.guest_documents import (
    AcceptsCounted,
    AcceptsIn,
    OptOutIn,
    PageQuery,
    guest_document,
    pushes_document,
)
from functions.outlets.resources.guest_rules import guest_account
from functions.outlets.tables.guest_contacts import Contact, delete_contacts, lock_contact, read_contact
from functions.outlets.tables.robots import StoredRobot, read_robot
from shared.contracts.ids import Ulid, member_id, new_id
from shared.contracts.models import Input, Output, Query
from shared.contracts.text import Id
from shared.spine.db import Transaction
from shared.spine.errors import NotFound, Rejected
from shared.spine.guest_tokens import guest_hash
from shared.spine.http import Call, Reply
from shared.spine.outbox import Work


class GuestPath(Query):
    """The id of a guest."""

    guest: Ulid


class GuestPushesQuery(PageQuery, ChainQuery):
    """A page of pushes of a guest of the chain."""


class GuestContactIn(Input):
    """A guest at a service, and the names by which the guest's orders are recognised.

    `source_id` and `guest` are those of the guest token. `member` is the chain's own id of the member.
    """

    account: Annotated[str, StringConstraints(pattern="^[a-z0-9][a-z0-9-]{0,31}$")]
    address: Annotated[str, StringConstraints(min_length=1, max_length=128, pattern="^[!-~]+$")]
    source_id: Id | None = None
    guest: Id | None = None
    member: Id | None = None


class GuestDeleted(Output):
    """The guest that was deleted, with all consents and the words of all pushes."""

    guest: str


def create_guest(call: Call, query: ChainQuery, body: GuestContactIn) -> Reply:
    """Add a guest, or names of a known guest. The guest's wishes stay."""
    require(call, MANAGE, query.chain)
    with call.once() as (work, stored):
        account = guest_account(work, query.chain, body.account)
        if account.channel == WEB_PUSH.name:
            raise Rejected("browser_needed", "A browser is added by its page, with a guest token.")
        contact = Contact(
            new_id(call.env.clock()),
            query.chain,
            account.key,
            body.address,
            guest_hash(query.chain, body.source_id, body.guest) if body.source_id and body.guest else None,
            member_id(query.chain, body.member) if body.member else None,
        )
        contact = add_contact(work, contact, call.env.clock())
        stored.status, stored.reply = HTTPStatus.CREATED, guest_document(work, contact).model_dump_json()
    return Reply(stored.reply, stored.status)


def get_guest(call: Call, path: GuestPath, query: ChainQuery) -> Reply:
    """Read a guest, with the messages that each template may still send."""
    require(call, READ, query.chain)
    with call.env.db.transaction() as transaction:
        contact = _of_chain(read_contact(transaction, path.guest), query.chain, path.guest)
        document = guest_document(transaction, contact)
    return Reply(document)


def remove_guest(call: Call, path: GuestPath, query: ChainQuery) -> Reply:
    """Delete a guest at one service."""
    require(call, MANAGE, query.chain)
    with call.once() as (work, stored):
        contact = _locked(work, path, query)
        delete_contacts(work, [contact.id])
        stored.reply = GuestDeleted(guest=contact.id).model_dump_json()
    return Reply(stored.reply)


def put_guest_opt_out(call: Call, path: GuestPath, query: ChainQuery, body: OptOutIn) -> Reply:
    """Set what a person does not want, at all services. It holds at once, also for pushes that wait."""
    require(call, MANAGE, query.chain)
    with call.once() as (work, stored):
        contact = _locked(work, path, query)
        changed = opt_out(work, contact, body.opted_out, call.env.clock())
        document = next(guest_document(work, guest) for guest in changed if guest.id == contact.id)
        stored.reply = document.model_dump_json()
    return Reply(stored.reply)


def add_guest_accepts(call: Call, path: GuestPath, query: ChainQuery, body: AcceptsIn) -> Reply:
    """Count accepts that the mini-program saw. An account that counts WeChat's own callbacks counts none here."""
    require(call, MANAGE, query.chain)
    with call.once() as (work, stored):
        stored.reply = counted_accepts(call, work, _locked(work, path, query), body).model_dump_json()
    return Reply(stored.reply)


def list_guest_pushes(call: Call, path: GuestPath, query: GuestPushesQuery) -> Reply:
    """List the pushes of a guest, with what became of them."""
    require(call, READ, query.chain)
    with call.env.db.transaction() as transaction:
        contact = _of_chain(read_contact(transaction, path.guest), query.chain, path.guest)
        document = pushes_document(transaction, [contact.id], query)
    return Reply(document)


def counted_accepts(call: Call, work: Work, contact: Contact, body: AcceptsIn) -> AcceptsCounted:
    """Count the accepts of one press for a locked guest."""
    account = read_robot(work, contact.robot)
    counts = account is not None and _counts_here(account)
    now = call.env.clock()
    templates = dict.fromkeys(body.templates) if counts else {}
    counted = [
        template
        for template in templates
        if add_accept(work, contact.id, template, f"api {body.press} {template}", now)
    ]
    return AcceptsCounted(counted=counted)


def _counts_here(account: StoredRobot) -> bool:
    takes_rights = GUEST_SERVICES[account.channel].takes_rights
    return takes_rights and account.settings.get("accepts_from", CALLBACK) == API


def _locked(transaction: Transaction, path: GuestPath, query: ChainQuery) -> Contact:
    return _of_chain(lock_contact(transaction, path.guest), query.chain, path.guest)


def _of_chain(contact: Contact | None, chain: str, guest: str) -> Contact:
    if contact is None or contact.chain != chain:
        raise NotFound("unknown_guest", f"There is no guest {guest} in this chain.")
    return contact
