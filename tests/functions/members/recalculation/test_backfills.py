"""Backfills pause, resume and end, and a failure stops only its own backfill."""

from datetime import timedelta
from typing import Any

import pytest

from functions.members.backfill_tags import backfill_tags
from functions.members.recalculation import backfills
from functions.members.recalculation.backfills import BACKFILLS, start_backfill
from functions.members.segments import exports
from functions.members.states import BackfillStatus, ExportStatus
from functions.members.tables.backfills import read_newest_backfills, update_status
from functions.members.tables.exports import insert_export
from functions.members.tags.registry import TAGS
from shared.contracts.ids import member_id
from shared.kit.isolation import Isolation
from tests.support.members import CHAIN, EVER, NOON, Town, at, bought, work_off


def test_a_backfill_is_watched_paused_and_gone_on_with_while_orders_come(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backfills, "MEMBERS_AT_ONCE", 3)
    for n in range(8):
        bought(town, f"m{n}", 10)
    town.run("DELETE FROM member_tags")
    with at(town.env, NOON):
        with town.env.db.transaction() as transaction:
            run = start_backfill(transaction, CHAIN, ["recency", "tier"], NOON, timedelta(0))
        assert BACKFILLS.run_step(town.env, Isolation())
        assert watched(town, run) == ("running", 3, 6)
        with town.env.db.transaction() as transaction:
            update_status(transaction, run, BackfillStatus.PAUSED)
        assert not BACKFILLS.run_step(town.env, Isolation())
        bought(town, "m1", 0)
        with town.env.db.transaction() as transaction:
            update_status(transaction, run, BackfillStatus.RUNNING)
        work_off(town.env, BACKFILLS)
    assert watched(town, run)[:2] == ("ended", 8)
    backfill = town.tags()
    assert [backfill[member_id(CHAIN, f"m{n}"), "recency"] for n in range(8)] == ["month", "week"] + ["month"] * 6


def watched(town: Town, run: str) -> tuple[str, int, int]:
    with town.env.db.transaction() as transaction:
        [backfill] = [
            backfill_row for backfill_row in read_newest_backfills(transaction, CHAIN) if backfill_row.id == run
        ]
    return backfill.status, backfill.visited, backfill.changed


def test_a_new_version_starts_one_backfill_of_that_tag(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    bought(town, "anna", 10)
    with at(town.env, NOON):
        backfills.start_for_new_versions(town.env, Isolation())
        backfills.start_for_new_versions(town.env, Isolation())
    [(tags,)] = town.run("SELECT tags FROM tag_backfills")
    assert set(tags.split()) == set(TAGS)
    newer = type(TAGS["tier"])(**{**vars(TAGS["tier"]), "version": 2})
    monkeypatch.setitem(TAGS, "tier", newer)
    with at(town.env, NOON + timedelta(seconds=1)):
        backfills.start_for_new_versions(town.env, Isolation())
    with at(town.env, NOON + timedelta(seconds=100)):
        work_off(town.env, BACKFILLS)
        assert town.run("SELECT MAX(version) FROM member_tags") == [(1,)]
    with at(town.env, NOON + timedelta(seconds=200)):
        work_off(town.env, BACKFILLS)
    assert town.run("SELECT tags, status FROM tag_backfills ORDER BY id DESC LIMIT 1") == [("tier", "ended")]
    assert town.run("SELECT version FROM member_tags WHERE tag = 'tier'") == [(2,)]


@pytest.mark.usefixtures("broken_tier")
def test_a_backfill_that_throws_holds_up_no_other_and_no_file(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    bought(town, "anna", 0)
    bought(town, "zed", 0, chain="other")
    begun_ids: list[str] = []
    monkeypatch.setitem(exports.STEPS, ExportStatus.WAITING, lambda _env, export: begun_ids.append(export.id))
    with at(town.env, NOON + timedelta(minutes=1)):
        with town.env.db.transaction() as transaction:
            start_backfill(transaction, CHAIN, ["tier"], NOON - timedelta(seconds=1), timedelta(0))
            run = start_backfill(transaction, "other", ["recency"], NOON, timedelta(0))
            insert_export(transaction, "0" * 26, "other", "week", "csv", NOON)
        with pytest.raises(ZeroDivisionError):
            backfill_tags(town.env, EVER)
    assert town.run("SELECT id FROM tag_backfills WHERE status = 'ended'") == [(run,)]
    assert begun_ids == ["0" * 26]


def test_an_export_that_throws_holds_up_no_backfill(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    bought(town, "anna", 0)
    monkeypatch.setitem(exports.STEPS, ExportStatus.WAITING, lambda *_: 1 / 0)
    monkeypatch.setattr(backfills, "MEMBERS_AT_ONCE", 1)
    with at(town.env, NOON):
        with town.env.db.transaction() as transaction:
            run = start_backfill(transaction, CHAIN, ["recency"], NOON, timedelta(0))
            insert_export(transaction, "0" * 26, CHAIN, "week", "csv", NOON)
        with pytest.raises(ZeroDivisionError):
            backfill_tags(town.env, EVER)
    assert town.run("SELECT id FROM tag_backfills WHERE status = 'ended'") == [(run,)]


def test_a_chain_whose_new_definitions_cannot_be_noted_holds_up_no_other(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    bought(town, "anna", 0)
    bought(town, "zed", 0, chain="other")

    def broken(transaction: Any, chain: str, *arguments: Any) -> str:
        return str(1 / 0) if chain == CHAIN else start_backfill(transaction, chain, *arguments)

    monkeypatch.setattr(backfills, "start_backfill", broken)
    with at(town.env, NOON), pytest.raises(ZeroDivisionError):
        backfill_tags(town.env, EVER)
    assert town.run("SELECT DISTINCT chain_id FROM tag_versions") == [("other",)]
    assert town.run("SELECT chain_id, tags FROM tag_backfills") == [("other", " ".join(sorted(TAGS)))]
