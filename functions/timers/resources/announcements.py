"""GET /v1/announcements: the texts that pages of a store, or of a chain, show now."""

from datetime import datetime

from functions.timers.resources.job_access import require_stores
from functions.timers.tables.announcements import Announcement, read_current
from functions.timers.tables.places import read_scopes
from shared.contracts.models import Output, Query
from shared.contracts.text import Id
from shared.spine.db import Transaction
from shared.spine.http import Call, Reply
from shared.spine.rights import Scope

READ = "console:read"


class AnnouncementsQuery(Query):
    """A chain, and perhaps one of its stores."""

    chain: Id
    store: Id | None = None


class AnnouncementDocument(Output):
    """A text of a job. `stores` is empty for all stores of the chain."""

    id: str
    job: str
    text: str
    stores: list[str]
    begins_at: datetime
    ends_at: datetime


class Announcements(Output):
    """Texts that have not ended, those that end first before the others."""

    announcements: list[AnnouncementDocument]


def list_announcements(call: Call, query: AnnouncementsQuery) -> Reply:
    """List the announcements of a store, or without a store those that the caller may see."""
    with call.env.db.transaction() as transaction:
        if query.store:
            require_stores(call, transaction, READ, query.chain, [query.store])
        elif not call.client.reach(READ).within(query.chain).all_chains:
            call.client.require(READ, Scope(query.chain))
        found = read_current(transaction, query.chain, call.env.clock())
        seen = _seen_stores(call, transaction, query, found)
    shown = [one for one in found if not one.stores or seen & set(one.stores)]
    return Reply(Announcements(announcements=[_document(one) for one in shown]))


def _seen_stores(
    call: Call, transaction: Transaction, query: AnnouncementsQuery, found: list[Announcement]
) -> set[str]:
    """The stores whose announcements are asked for, and may be seen."""
    if query.store:
        return {query.store}
    named = sorted({store for announcement in found for store in announcement.stores})
    scopes = read_scopes(transaction, query.chain, named)
    return {store for store, scope in scopes.items() if call.client.may(READ, scope)}


def _document(announcement: Announcement) -> AnnouncementDocument:
    values = vars(announcement) | {"stores": list(announcement.stores)}
    return AnnouncementDocument.model_validate({name: values[name] for name in AnnouncementDocument.model_fields})
