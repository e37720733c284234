"""The statuses of a batch, against a table of all moves that is written here by hand."""

from itertools import product

import pytest

from functions.forecast.states import BatchStatus, move, queue_again, run_has_ended

LEGAL = {
    ("queued", "trained"), ("queued", "refused"), ("queued", "failed"),
    ("trained", "forecast"), ("trained", "queued"), ("trained", "failed"),
    ("failed", "forecast"), ("failed", "refused"), ("failed", "failed"),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after"), [*product(BatchStatus, repeat=2)])
def test_a_batch_moves_along_legal_moves_and_no_other(before: BatchStatus, after: BatchStatus) -> None:
    if (before.value, after.value) in LEGAL:
        assert move(before, after) is after
    else:
        with pytest.raises(ValueError, match=f"a batch that is {before} cannot become {after}"):
            move(before, after)


@pytest.mark.parametrize(("before", "after"), [("trained", "queued"), ("failed", "failed")])
def test_a_batch_that_is_trained_once_more_is_queued_unless_it_has_failed(before: str, after: str) -> None:
    assert queue_again(BatchStatus(before)) == after


@pytest.mark.parametrize(
    ("statuses", "ended"),
    [
        (("forecast", "refused", "failed"), True),
        (("forecast", "queued"), False),
        (("trained",), False),
    ],
)
def test_a_run_ends_with_the_last_of_its_batches(statuses: tuple[str, ...], *, ended: bool) -> None:
    assert run_has_ended(map(BatchStatus, statuses)) is ended
