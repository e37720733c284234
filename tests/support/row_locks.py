"""TiDB takes FOR UPDATE SKIP LOCKED, and locks nothing by it: what its SELECT reads then is what any other may read."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from shared.spine.db import Row, Transaction

SKIP_LOCKED = "FOR UPDATE SKIP LOCKED"


@contextmanager
def ignoring_skip_locked() -> Iterator[None]:
    """Statements are sent without the clause, as TiDB runs them. One statement at least must have had it."""
    statements: list[str] = []
    rows = Transaction.rows

    def rows_of_tidb(
        transaction: Transaction, statement: str, values: Sequence[Any] | Mapping[str, Any] = ()
    ) -> list[Row]:
        if SKIP_LOCKED in statement:
            statements.append(statement)
        return rows(transaction, statement.replace(SKIP_LOCKED, ""), values)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Transaction, "rows", rows_of_tidb)
        yield
    assert statements
