"""The statuses of backfills and exports move only along the table."""

import pytest

from functions.members.states import BackfillStatus, ExportStatus, move
from shared.spine.errors import Conflict

LEGAL = [
    ("running", "paused"), ("running", "ended"), ("running", "replaced"), ("paused", "running"),
]  # fmt: skip
LEGAL_OF_EXPORTS = [
    ("waiting", "waiting"), ("waiting", "writing"), ("waiting", "failed"),
    ("writing", "writing"), ("writing", "closing"), ("writing", "waiting"), ("writing", "failed"),
    ("closing", "ended"), ("closing", "waiting"), ("closing", "failed"),
]  # fmt: skip


@pytest.mark.parametrize("before", BackfillStatus)
@pytest.mark.parametrize("after", BackfillStatus)
def test_a_backfill_moves_only_along_the_table(before: BackfillStatus, after: BackfillStatus) -> None:
    if (before, after) in LEGAL:
        assert move(before, after) is after
    else:
        with pytest.raises(Conflict):
            move(before, after)


@pytest.mark.parametrize("before", ExportStatus)
@pytest.mark.parametrize("after", ExportStatus)
def test_an_export_moves_only_along_the_table(before: ExportStatus, after: ExportStatus) -> None:
    if (before, after) in LEGAL_OF_EXPORTS:
        assert move(before, after) is after
    else:
        with pytest.raises(Conflict, match="illegal_move"):
            move(before, after)


@pytest.mark.parametrize(("after", "code"), [("paused", "not_running"), ("running", "not_paused")])
def test_an_ended_backfill_says_which_move_it_refuses(after: str, code: str) -> None:
    with pytest.raises(Conflict) as refused:
        move(BackfillStatus.ENDED, BackfillStatus(after))
    assert refused.value.code == code
