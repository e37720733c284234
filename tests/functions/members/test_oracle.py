"""Real households replayed with duplicates, shuffles, late arrivals, refunds and merges end in what DuckDB computes.

`python -m tests.functions.members.replay` does the same with all of them.
"""

from tests.functions.members.kit import Town
from tests.functions.members.replay import DAYS, replay


def test_every_tag_of_every_member_is_what_a_batch_computes_on_any_day(town: Town) -> None:
    found = replay(town, every=60)
    assert found.members > 30
    assert found.baskets > 1_500
    assert list(found.compared) == DAYS
    assert all(compared > 14 * found.members for compared in found.compared.values())
    assert found.different == []
