"""Announcers that run at once never announce a change twice, and no change of a dead announcer is lost."""

import threading
from collections import Counter
from collections.abc import Iterator

import pytest

from functions.members.announce_tags import announce_tags
from functions.members.segments import tag_changes
from functions.members.tables.tag_changes import lock_changes
from shared.spine.env import Environment
from shared.spine.settings import read_settings
from tests.support.members import EVER, NOON, Town, announced_data, at, bought, counts

WORKERS = 3
MEMBERS = 30


@pytest.fixture
def workers(town: Town) -> Iterator[list[Environment]]:
    environments = [Environment(read_settings(), clock=town.env.clock) for _ in range(WORKERS)]
    yield environments
    for env in environments:
        env.close()


def test_a_change_is_announced_once_and_drawn_once(
    town: Town, workers: list[Environment], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without SKIP LOCKED, so that it holds on TiDB too."""
    for number in range(MEMBERS):
        bought(town, f"guest{number}", 0)
    monkeypatch.setattr(tag_changes, "CHANGES_AT_ONCE", 20)
    barrier = threading.Barrier(WORKERS)
    failures: list[BaseException] = []

    def work(env: Environment) -> None:
        barrier.wait()
        try:
            announce_tags(env, EVER)
        except BaseException as failure:  # noqa: BLE001 - the test reports it
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(env,)) for env in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    town.announce()
    assert failures == []
    changes = Counter((change["member"], change["tag"]) for change in announced_data(town, "member.tag_changed"))
    assert set(changes) == set(town.tags())
    assert set(changes.values()) == {1}
    assert sum(counts(town, "tier").values()) == MEMBERS


def test_changes_of_an_announcer_that_dies_after_its_claim_are_announced_by_another(
    town: Town, workers: list[Environment], monkeypatch: pytest.MonkeyPatch
) -> None:
    bought(town, "anna", 0)

    def die(*claim: object) -> None:
        assert lock_changes(*claim)  # type: ignore[arg-type]
        work = claim[0]
        work.connection.close()  # type: ignore[attr-defined]
        raise SystemExit

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(tag_changes, "lock_changes", die)
        announce_tags(workers[0], EVER)
    with at(town.env, NOON):
        assert town.announce() == len(town.tags())
    assert len(announced_data(town, "member.tag_changed")) == len(town.tags())
