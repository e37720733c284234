"""/v1/outlets/guest-pushes: what became of the pushes of a chain, and what its templates may still send."""

from datetime import datetime, timedelta

from functions.outlets.guests.services import GUEST_SERVICES
from functions.outlets.resources.access import READ, ChainQuery, require
from functions.outlets.resources.guest_documents import PushDocument, push_document
from functions.outlets.states import PushState
from functions.outlets.tables.guest_report import (
    FreeCount,
    PushCount,
    read_free_counts,
    read_newest_pushes,
    read_push_counts,
)
from functions.outlets.tables.robots import read_robots_of_chain
from shared.contracts.ids import first_id, moment_of
from shared.contracts.models import Output
from shared.spine.http import Call, Reply

PERIOD = timedelta(days=7)
MOST_NEWEST = 20
MOST_COUNTED = 100_000


class PushCountDocument(Output):
    """Pushes of a rule with one outcome since `since`. `reason`: a code of the service, or our own reason."""

    rule: str
    state: PushState
    reason: str | None
    pushes: int
    last_at: datetime


class ConsentDocument(Output):
    """A template: the messages that it may still send, and the guests who may get them."""

    template: str
    free: int
    guests: int


class GuestReport(Output):
    """Pushes of the last seven days by rule and outcome, the newest ones, and consents by template.

    At most 100,000 consents are counted.
    """

    since: datetime
    counts: list[PushCountDocument]
    consents: list[ConsentDocument]
    newest: list[PushDocument]


def get_guest_report(call: Call, query: ChainQuery) -> Reply:
    """Read what became of the pushes to guests, and how many messages the consents allow."""
    require(call, READ, query.chain)
    since = call.env.clock() - PERIOD
    begin = first_id(since)
    with call.env.db.transaction() as transaction:
        robots = read_robots_of_chain(transaction, query.chain)
        accounts = [robot.key for robot in robots if robot.channel in GUEST_SERVICES]
        counts = read_push_counts(transaction, accounts, begin)
        newest = read_newest_pushes(transaction, accounts, begin, MOST_NEWEST)
        free = read_free_counts(transaction, query.chain, MOST_COUNTED)
    return Reply(
        GuestReport(
            since=since,
            counts=[_count(one) for one in counts],
            consents=[_consent(one) for one in free],
            newest=[push_document(push) for push in newest],
        )
    )


def _count(count: PushCount) -> PushCountDocument:
    return PushCountDocument(
        rule=count.rule,
        state=count.state,
        reason=count.reason,
        pushes=count.pushes,
        last_at=moment_of(count.newest),
    )


def _consent(count: FreeCount) -> ConsentDocument:
    return ConsentDocument(template=count.template, free=count.free, guests=count.guests)
