"""Parts of adapters for warehouse systems that take one document a call."""

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from functions.sync.adapters.contract import Accepted, CallFailed, Refused, Result, StoredDocument, TargetDocument
from functions.sync.documents.document import Kind
from functions.sync.states import Cause

# Stock that comes in, and stock that goes out.
INWARD, OUTWARD = {Kind.RECEIPT}, {Kind.CONSUMPTION, Kind.WASTAGE}


def post_each(
    documents: Sequence[TargetDocument], taken: Collection[Kind], post: Callable[[TargetDocument], Result]
) -> dict[str, Result]:
    """The results of documents that are sent one by one. Kinds that are not `taken` are refused.

    After a failure the rest has no result, which is a doubt. A failure of the first is raised.
    """
    results: dict[str, Result] = {}
    for document in documents:
        if document.kind not in taken:
            results[document.key] = kind_refused(document.kind)
            continue
        try:
            results[document.key] = post(document)
        except CallFailed:
            if not results:
                raise
            break
    return results


def kind_refused(kind: Kind) -> Refused:
    """The system has no such document."""
    return Refused(Cause.RIGHTS, "kind_not_taken", f"The system takes no document of kind {kind} over its interface.")


def cancel_refused(system: str) -> Refused:
    """A person cancels the document there."""
    return Refused(Cause.RIGHTS, "no_cancellation", f"Cancel the document in {system}: its interface cannot.")


def parts_refused(document: TargetDocument) -> Refused | None:
    """The refusal of a document with a part of a piece, for a call that takes whole numbers."""
    if all(line.quantity == line.quantity.to_integral_value() for line in document.lines):
        return None
    detail = f"The system takes a {document.kind} in whole pieces: map the item to a smaller unit."
    return Refused(Cause.DATA, "quantity_not_whole", detail)


def accepted(identity: object) -> Accepted:
    """The document has this id there."""
    return Accepted(str(identity), str(identity))


def stored(
    kind: Kind, key: str, identity: object, store: str, quantity: object, state: str = "posted"
) -> StoredDocument:
    """A document that was found. These systems give no amounts, and its day is not compared."""
    zero, today = Decimal(0), datetime.now(UTC).date()
    number, amount = str(identity), Decimal(str(quantity))
    return StoredDocument(number, number, key, kind, state, store, today, None, zero, zero, zero, amount)
