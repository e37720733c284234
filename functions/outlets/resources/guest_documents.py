"""Guests, their consents and their pushes, as the API shows them."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from functions.outlets.guests.rule_settings import Template
from functions.outlets.states import OptOut, PushState
from functions.outlets.tables.guest_consents import read_free_rights
from functions.outlets.tables.guest_contacts import Contact
from functions.outlets.tables.guest_pushes import GuestPush, read_pushes_of
from shared.contracts.ids import Ulid
from shared.contracts.models import Input, Output, Query
from shared.spine.db import Transaction

NEWEST = "Z" * 26


class AcceptsIn(Input):
    """Templates that a guest has just accepted. `press` is your name of this press: the same press counts once."""

    templates: Annotated[list[Template], Field(min_length=1, max_length=10)]
    press: Annotated[str, StringConstraints(pattern="^[A-Za-z0-9_-]{8,64}$")]


class AcceptsCounted(Output):
    """The templates of which a new accept was counted. The callback's account counts none here."""

    counted: list[str]


class OptOutIn(Input):
    """The messages that a guest does not want."""

    opted_out: OptOut


class GuestDocument(Output):
    """A guest at one service. `free`: the messages that each template may still send. `gone`: the service refuses."""

    guest: str
    account: str
    member: str | None
    opted_out: OptOut
    gone: bool
    free: dict[str, int]


class PushDocument(Output):
    """A push. `reason`: a code of the service, or our reason not to send it."""

    push: str
    account: str
    rule: str
    state: PushState
    reason: str | None
    caused_at: datetime
    sent_at: datetime | None
    settled_at: datetime | None


class Pushes(Output):
    """Pushes of a guest, the newest first. `next` is the `before` of the following page."""

    pushes: list[PushDocument]
    next: str | None


class PageQuery(Query):
    """A page of pushes."""

    before: Ulid | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


def guest_document(transaction: Transaction, contact: Contact) -> GuestDocument:
    """A guest with the rights of each template."""
    return GuestDocument(
        guest=contact.id,
        account=contact.robot.partition(":")[2],
        member=contact.member,
        opted_out=contact.opted_out,
        gone=contact.gone_at is not None,
        free=read_free_rights(transaction, contact.id),
    )


def pushes_document(transaction: Transaction, contacts: list[str], page: PageQuery) -> Pushes:
    """A page of the pushes of these guests."""
    pushes = read_pushes_of(transaction, contacts, page.before or NEWEST, page.limit)
    following = pushes[-1].id if len(pushes) == page.limit else None
    return Pushes(pushes=[push_document(push) for push in pushes], next=following)


def push_document(push: GuestPush) -> PushDocument:
    """A push as the API shows it."""
    return PushDocument(
        push=push.id,
        account=push.robot.partition(":")[2],
        rule=push.rule,
        state=push.state,
        reason=push.reason,
        caused_at=push.caused_at,
        sent_at=push.sent_at,
        settled_at=push.settled_at,
    )
