"""A document's amounts by tender: net, tax and gross in proportion to the money of each tender."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from functions.sync.documents.document import NO_TENDER, Tender
from shared.kit.apportion import apportioned


class Amounts(NamedTuple):
    """The sums of documents in minor units. `documents` is their number; `quantity` counts the pieces of items."""

    documents: int = 0
    quantity: Decimal = Decimal(0)
    net: int = 0
    tax: int = 0
    gross: int = 0

    def plus(self, amounts: "Amounts") -> "Amounts":
        """The sum of both."""
        return Amounts(
            self.documents + amounts.documents,
            self.quantity + amounts.quantity,
            self.net + amounts.net,
            self.tax + amounts.tax,
            self.gross + amounts.gross,
        )


def by_tender(whole: Amounts, tenders: Sequence[Tender]) -> dict[str, Amounts]:
    """The amounts of one document by tender.

    The tender with the largest amount, the first by its code among equals, has the document and its quantity.
    """
    if not tenders:
        return {NO_TENDER: whole}
    if len(tenders) == 1 and tenders[0].amount > 0 and whole.tax >= 0 <= whole.gross:
        # Most documents have one tender; a reconciliation of a chain's year has several hundred thousand of them.
        return {tenders[0].code: whole._replace(net=whole.gross - whole.tax)}
    ordered = sorted(tenders, key=lambda tender: (-tender.amount, tender.code))
    weights = [max(tender.amount, 0) for tender in ordered]
    taxes = apportioned(whole.tax, weights) if whole.tax >= 0 else [0] * len(weights)
    shares = apportioned(whole.gross, weights)
    split: dict[str, Amounts] = {}
    for index, (tender, gross, tax) in enumerate(zip(ordered, shares, taxes, strict=True)):
        head = (whole.documents, whole.quantity) if index == 0 else (0, Decimal(0))
        split[tender.code] = Amounts(*head, gross - tax, tax, gross)
    return split
