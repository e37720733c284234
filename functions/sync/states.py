"""Every status of sync: the goal of a document, its state, and the person who must act when it failed."""

from collections.abc import Mapping
from enum import StrEnum

from shared.spine.errors import Conflict


class Goal(StrEnum):
    """The aim for a document: posted in the outside system, or cancelled there."""

    POST = "post"
    CANCEL = "cancel"


class DocumentState(StrEnum):
    """How far that is.

    `pending`: not sent yet, or surely not accepted. `sending`: a worker sends it now. `doubtful`: it was sent and no
    answer came, so it is searched for before it is sent again. `done`: the system confirmed it. `parked`: a person must
    act first. `backfill`: it is of a past day that a person asked for, and is searched for when nothing else is due.
    """

    PENDING = "pending"
    SENDING = "sending"
    DOUBTFUL = "doubtful"
    DONE = "done"
    PARKED = "parked"
    BACKFILL = "backfill"


class Cause(StrEnum):
    """The causes of failures, by the person who must act.

    `retry`: no person, it is sent again by itself. `data`: the store or head office corrects the sale.

    `mapping`: head office adds a code. `rights`: the operator of the outside system gives a right or a login.
    `bug`: the team of Dumbwaiter.
    """

    RETRY = "retry"
    DATA = "data"
    MAPPING = "mapping"
    RIGHTS = "rights"
    BUG = "bug"


DOCUMENT_MOVES: Mapping[DocumentState, set[DocumentState]] = {
    # Without being sent: a code is missing, or a document that was never sent is not wanted any more.
    DocumentState.PENDING: {DocumentState.SENDING, DocumentState.PARKED, DocumentState.DONE},
    DocumentState.SENDING: {
        DocumentState.PENDING,
        DocumentState.DOUBTFUL,
        DocumentState.DONE,
        DocumentState.PARKED,
        # The lease of a worker that was killed ended.
        DocumentState.SENDING,
    },
    DocumentState.DOUBTFUL: {DocumentState.SENDING},
    DocumentState.BACKFILL: {DocumentState.SENDING},
    # The document is not wanted any more.
    DocumentState.DONE: {DocumentState.PENDING},
    # A person has acted.
    DocumentState.PARKED: {DocumentState.PENDING, DocumentState.DOUBTFUL},
}


class SaleState(StrEnum):
    """How far a till's sale is.

    `sent`: order intake is asked to place it. `placed`: it is an order. `refused`: a person must act first.
    """

    SENT = "sent"
    PLACED = "placed"
    REFUSED = "refused"


class FileState(StrEnum):
    """How far a file is: not uploaded yet, uploaded, read to its end, or refused as a whole."""

    OPEN = "open"
    DROPPED = "dropped"
    READ = "read"
    REFUSED = "refused"


class Flow(StrEnum):
    """The flows, each named by its content and direction."""

    PULL_EMPLOYEES = "pull_employees"
    PULL_TILL_SALES = "pull_till_sales"
    PULL_ITEMS = "pull_items"
    PULL_STOCK = "pull_stock"
    PUSH_CONSUMPTION = "push_consumption"
    PUSH_COUNTS = "push_counts"
    PUSH_RECEIPTS = "push_receipts"
    PUSH_SALES = "push_sales"
    PUSH_TRANSFERS = "push_transfers"
    PUSH_WASTAGE = "push_wastage"
    RECONCILE = "reconcile"


def move(before: DocumentState, after: DocumentState) -> DocumentState:
    """`after`, if it may follow `before`. Raises `Conflict`."""
    if after not in DOCUMENT_MOVES[before]:
        raise Conflict("illegal_move", f"A document that is {before} cannot become {after}.")
    return after
