"""Real households replayed with duplicates, shuffles, late arrivals, refunds and merges end in what DuckDB computes.

`python -m tests.functions.members.replay` does the same with all of them.
"""

from tests.functions.members.replay import DAYS, replay
from tests.support.members import Town


def test_every_tag_of_every_member_is_what_a_batch_computes_on_any_day(town: Town) -> None:
    result = replay(town, every=60)
    assert result.members > 30
    assert result.baskets > 1_500
    assert list(result.compared) == DAYS
    assert all(compared > 14 * result.members for compared in result.compared.values())
    assert result.different == []
