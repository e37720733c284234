"""The rooms of orders and stores, and the arrows between them. tests/test_floor_plan.py refuses circles."""

import pytest

from tests.support.structure import arrows


@pytest.mark.parametrize(("concern", "most"), [("orders", 20), ("stores", 4), ("console", 9), ("portal", 1)])
def test_there_are_few_arrows_between_rooms(concern: str, most: int) -> None:
    assert len(arrows(concern)) <= most, sorted(arrows(concern))
