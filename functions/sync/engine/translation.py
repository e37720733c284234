"""Our codes → those of an outside system. A missing code is a failure with a name, before anything is sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from functions.sync.adapters.contract import TargetDocument, TargetLine
from functions.sync.documents.document import Document, DocumentLine, LineType
from shared.contracts.money import exponent

CODE_KINDS = ("stores", "items", "tenders", "taxes", "units", "tax_classes", "categories")


class CodeMissing(Exception):
    """No code of the outside system stands for ours."""

    def __init__(self, kind: str, code: str) -> None:
        super().__init__(f"{kind} {code}")
        self.kind = kind
        self.code = code


@dataclass(frozen=True)
class Codes:
    """Codes by kind: theirs by ours. For the kinds in `same` our code is theirs unless a row says otherwise."""

    by_kind: Mapping[str, Mapping[str, str]]
    same: frozenset[str] = field(default_factory=frozenset)
    # Of one run, which uses few codes in many lines.
    _known: dict[tuple[str, str], str] = field(default_factory=dict, init=False, repr=False, compare=False)

    def target_code(self, kind: str, code: str) -> str:
        """The code. An item with a size may have one of its own: `pizza/M` before `pizza`. Raises `CodeMissing`."""
        known = self._known.get((kind, code))
        if known is None:
            known = self._known[kind, code] = self._target_code(kind, code)
        return known

    def _target_code(self, kind: str, code: str) -> str:
        codes = self.by_kind.get(kind, {})
        for name in (code, code.partition("/")[0]) if kind == "items" else (code,):
            if name in codes:
                return codes[name]
        if kind in self.same:
            return code
        raise CodeMissing(kind, code)


def translated(document: Document, target_key: str, codes: Codes, refers_to: str | None) -> TargetDocument:
    """The document in the codes of the outside system. Raises `CodeMissing`."""
    digits = exponent(document.currency) if document.currency else 0
    return TargetDocument(
        key=target_key,
        kind=document.kind,
        store=codes.target_code("stores", document.store),
        day=document.day,
        reference=document.reference,
        currency=document.currency,
        to_store=codes.target_code("stores", document.to_store) if document.to_store else None,
        tender=codes.target_code("tenders", document.tender) if document.tender else None,
        refers_to=refers_to,
        lines=tuple(_line(line, codes, digits) for line in document.lines),
        payments=tuple(
            (codes.target_code("tenders", tender.code), decimal(tender.amount, digits)) for tender in document.payments
        ),
        net=decimal(document.net, digits),
        tax=decimal(document.tax, digits),
    )


def _line(line: DocumentLine, codes: Codes, digits: int) -> TargetLine:
    # A gift card has an item, but what is sold is no goods.
    is_item = line.type == LineType.ITEM and line.item is not None
    return TargetLine(
        type=line.type,
        name=line.name,
        item=codes.target_code("items", line.item) if is_item and line.item else None,
        quantity=Decimal(line.quantity),
        unit=codes.target_code("units", line.unit) if line.unit else None,
        net=decimal(line.net, digits),
        tax=decimal(line.tax, digits),
        tax_code=codes.target_code("taxes", line.tax_code) if line.tax_code else None,
    )


@lru_cache(maxsize=4096)
def decimal(amount: int, digits: int) -> Decimal:
    """Minor units as a decimal: decimal(1234, 2) is 12.34."""
    return Decimal(amount).scaleb(-digits)
