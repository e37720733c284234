"""Documents of both sides as entries with the same codes and minor units."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from functions.sync.adapters.contract import StoredDocument
from functions.sync.documents.document import MONEY_KINDS, NO_TENDER, Document, LineType, Tender
from functions.sync.engine.translation import Codes
from functions.sync.reconciliation.comparison import Entry


@dataclass(frozen=True)
class OurCodes:
    """Our codes by those of the outside system. `same`: the kinds whose codes are equal on both sides."""

    stores: Mapping[str, str]
    tenders: Mapping[str, str]
    same: frozenset[str]

    def store(self, code: str) -> str:
        """Our store. A code that no store has keeps a mark, so that its money is a difference with a name."""
        return self.stores.get(code, code if "stores" in self.same else f"?{code}")

    def tender(self, code: str) -> str:
        """Our tender, as `store`."""
        return self.tenders.get(code, code if "tenders" in self.same else f"?{code}")


def our_codes(codes: Codes) -> OurCodes:
    """The inverse of the codes. Where two of ours have one code, the first in the alphabet stands for both."""
    return OurCodes(_inverse(codes, "stores"), _inverse(codes, "tenders"), codes.same)


def _inverse(codes: Codes, kind: str) -> dict[str, str]:
    pairs = sorted(codes.by_kind.get(kind, {}).items(), reverse=True)
    return {target_code: code for code, target_code in pairs}


def entry_of(document: Document, codes: OurCodes, forward: Codes) -> Entry:
    """Our document. Tenders that share one code of the outside system count as one."""
    if document.kind not in MONEY_KINDS:
        return _stock_entry(document)
    tenders = document.payments or ((Tender(document.tender, document.gross),) if document.tender else ())
    return Entry(
        key=document.source_key,
        kind=document.kind,
        store=document.store,
        day=document.day,
        reference=document.reference,
        quantity=sum(
            (Decimal(line.quantity) for line in document.lines if line.type == LineType.ITEM and line.item), Decimal(0)
        ),
        net=document.net,
        tax=document.tax,
        gross=document.gross,
        tenders=_summed((_shared(tender.code, codes, forward), tender.amount) for tender in tenders),
    )


def _stock_entry(document: Document) -> Entry:
    """A document of stock, which has quantities alone. Its kind stands in place of a tender."""
    return Entry(
        key=document.source_key,
        kind=document.kind,
        store=document.store,
        day=document.day,
        reference=document.reference,
        quantity=sum((Decimal(line.quantity) for line in document.lines), Decimal(0)),
        net=0,
        tax=0,
        gross=0,
        tenders=(Tender(document.kind, 0),),
    )


def _shared(tender: str, codes: OurCodes, forward: Codes) -> str:
    target_code = forward.by_kind.get("tenders", {}).get(tender)
    return codes.tender(target_code) if target_code else tender


def entry_of_stored(stored: StoredDocument, codes: OurCodes, digits: int) -> Entry:
    """The outside system's document. The key before the point is our source key."""
    entry = Entry(
        key=stored.key.rpartition(".")[0] or stored.key,
        kind=stored.kind,
        store=codes.store(stored.store),
        day=stored.day,
        reference=stored.number or stored.id,
        quantity=stored.quantity,
        net=0,
        tax=0,
        gross=0,
        tenders=(Tender(stored.kind, 0),),
    )
    if stored.kind not in MONEY_KINDS:
        return entry
    head = ((stored.tender, stored.gross),) if stored.tender and not stored.payments else ()
    return replace(
        entry,
        net=_minor(stored.net, digits),
        tax=_minor(stored.tax, digits),
        gross=_minor(stored.gross, digits),
        tenders=_summed((codes.tender(tender), _minor(amount, digits)) for tender, amount in stored.payments or head),
    )


def _summed(tenders: Iterable[tuple[str, int]]) -> tuple[Tender, ...]:
    amounts: dict[str, int] = {}
    for code, amount in tenders:
        amounts[code or NO_TENDER] = amounts.get(code or NO_TENDER, 0) + amount
    return tuple(Tender(code, amount) for code, amount in sorted(amounts.items()))


def _minor(amount: Decimal, digits: int) -> int:
    """Minor units. A part of a cent that the outside system holds is rounded away from zero, so that it shows."""
    scaled = amount.scaleb(digits)
    whole = int(scaled)
    if scaled == whole:
        return whole
    return whole + (1 if scaled > 0 else -1)
