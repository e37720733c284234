"""The methods of an adapter beside `Adapter` when its system is a till or an HR system.

Each method gives pages of documents that changed in the half-open window, by the time of their change. The documents
have the fields of docs/develop/rest-system.md. Each may raise as the methods of `Adapter`.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

Page = list[dict[str, Any]]


@runtime_checkable
class SalesSource(Protocol):
    """A till."""

    def read_sales(self, changed_from: datetime, changed_until: datetime) -> Iterator[Page]:
        """Sales that changed, with their payments and refunds."""


@runtime_checkable
class EmployeeSource(Protocol):
    """An HR system."""

    def read_employees(self, changed_from: datetime, changed_until: datetime) -> Iterator[Page]:
        """People that changed, those who left included."""
