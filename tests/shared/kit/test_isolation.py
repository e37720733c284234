"""A piece that fails does not stop the others, and the failure is raised at the end."""

import pytest

from shared.kit.isolation import Isolation
from shared.spine.db import Locked
from shared.spine.errors import Rejected, Unavailable


def run_pieces(failures: dict[str, Exception]) -> tuple[list[str], list[str], Exception | None]:
    """Pieces that ran to their end, pieces that failed, and the failure at the end."""
    finished: list[str] = []
    isolation = Isolation()
    try:
        with isolation:
            for name in ("a", "b", "c"):
                with isolation.isolate(name):
                    if name in failures:
                        raise failures[name]  # noqa: TRY301 - the failure under test
                    finished.append(name)
    except Exception as failure:  # noqa: BLE001 - the test compares it
        return finished, isolation.failed, failure
    return finished, isolation.failed, None


def test_the_other_pieces_run_and_the_first_failure_is_raised() -> None:
    first, second = ValueError("first"), Rejected("second", "of two")
    assert run_pieces({"a": first, "b": second}) == (["c"], ["a", "b"], first)


def test_without_a_failure_nothing_is_raised() -> None:
    assert run_pieces({}) == (["a", "b", "c"], [], None)


def test_a_service_that_is_away_stops_all_pieces() -> None:
    away = Unavailable("database_away", "the database does not answer")
    assert run_pieces({"b": away}) == (["a"], [], away)


def test_a_locked_row_stops_its_own_piece_only() -> None:
    locked = Locked("row_locked", "another transaction holds the row")
    assert run_pieces({"b": locked}) == (["a", "c"], ["b"], locked)


def test_a_failure_outside_of_the_pieces_is_raised_as_it_is() -> None:
    isolation = Isolation()
    with pytest.raises(KeyError), isolation:
        with isolation.isolate("a"):
            raise ValueError
        raise KeyError
