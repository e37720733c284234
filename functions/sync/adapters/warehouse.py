"""The base of warehouses whose interface has no drafts and no sales, and pages by number."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from functions.sync.adapters.contract import (
    BatchRefused,
    Result,
    StockLevel,
    StockPage,
    StoredDocument,
    TargetDocument,
)
from functions.sync.adapters.numbered_pages import read_levels
from functions.sync.adapters.single_posts import accepted, cancel_refused, kind_refused, post_each
from functions.sync.documents.document import Kind


class Warehouse:
    """`name` is the platform's; it takes documents of the kinds in `taken`.

    It takes `longest_window` of changes at once, in pages of `page` rows. `level_names` are the fields that name the
    store and the item of a level.
    """

    name: str
    taken: frozenset[Kind]
    longest_window: timedelta
    page: int
    level_names: tuple[str, str]

    def post(self, documents: Sequence[TargetDocument]) -> dict[str, Result]:
        """See `Adapter`."""
        return post_each(documents, self.taken, self._post)

    def complete(self, stored: Sequence[StoredDocument]) -> dict[str, Result]:
        """There are no drafts."""
        return {document.key: accepted(document.id) for document in stored}

    def cancel(self, kind: Kind, ids: Sequence[str]) -> dict[str, Result]:
        """See `Adapter`."""
        del kind
        return dict.fromkeys(ids, cancel_refused(self.name))

    def read_documents(self, kind: Kind, day_from: date, day_until: date) -> Iterator[list[StoredDocument]]:
        """A warehouse has no sales to compare."""
        del day_from, day_until
        raise BatchRefused("kind_not_taken", kind_refused(kind).detail)

    def read_stock(self, changed_from: datetime, changed_until: datetime) -> Iterator[StockPage]:
        """See `StockSource`."""
        return read_levels(
            changed_from, changed_until, self.longest_window, self.page, self._stock_page, self._level, self.level_names
        )

    def _post(self, document: TargetDocument) -> Result:
        raise NotImplementedError

    def _stock_page(self, first: str, last: str, page: int) -> tuple[int, list[dict[str, Any]]]:
        raise NotImplementedError

    def _level(self, row: dict[str, Any]) -> StockLevel:
        raise NotImplementedError
