"""What the flows' tests need to run beside each other."""

import pytest
from schemathesis.pytest.plugin import SchemathesisFunction

from tests.support.tea_store import caller, tea_store  # noqa: F401 - fixtures


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """schemathesis gives all operations of an API one id; of items with one id pytest-xdist would run a single one."""
    for item in items:
        if isinstance(item, SchemathesisFunction):
            item._id = item.id.with_params(item.operation_label)
    assert len({item.nodeid for item in items}) == len(items), "of tests that share an id one is run"
