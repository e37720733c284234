"""Tag settings and backfills over HTTP."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.members.calculator import chain_rules
from functions.members.recalculation.backfills import BACKFILLS
from tests.support.members import Town, at, query_segment, work_off
from tests.support.orders import Caller


def test_new_thresholds_begin_a_backfill_of_the_tags_they_change(town: Town, members: Caller, guests: datetime) -> None:
    del guests
    settings = {"thresholds": {"tier": {"amount": [100, 500, 900]}}}
    document = members("PUT", "/v1/tag-settings?chain=demo", settings).json
    assert document["thresholds"]["tier"] == {"window": 365, "amount": [100, 500, 900]}
    assert document["thresholds"]["recency"] == {"days": [7, 30, 90, 180]}
    [run] = members("GET", "/v1/tag-backfills?chain=demo").json["backfills"]
    assert (run["tags"], run["status"], run["visited"]) == (["tier"], "running", 0)
    assert members("POST", f"/v1/tag-backfills/{run['id']}/pause").json["status"] == "paused"
    assert members("POST", f"/v1/tag-backfills/{run['id']}/resume").json["status"] == "running"
    chain_rules.rules_cache.clear(town.env)
    with at(town.env, datetime.now(UTC) + timedelta(minutes=3)):
        work_off(town.env, BACKFILLS)
        town.announce()
    [run] = members("GET", "/v1/tag-backfills?chain=demo").json["backfills"]
    assert (run["status"], run["visited"], run["changed"]) == ("ended", 10, 10)
    assert query_segment(members, "count", "tier = platinum").json["members"] == 10
    assert members("POST", f"/v1/tag-backfills/{run['id']}/pause").json["code"] == "not_running"
    started = members("POST", "/v1/tag-backfills", {"chain": "demo", "tags": ["tier", "city"]})
    assert (started.status, started.json["tags"]) == (201, ["city", "tier"])


def test_a_newer_backfill_takes_the_place_of_one_that_waits(members: Caller) -> None:
    for amount in (1, 2, 3):
        members("PUT", "/v1/tag-settings?chain=demo", {"thresholds": {"tier": {"amount": [amount] * 3}}})
    members("POST", "/v1/tag-backfills", {"chain": "demo", "tags": ["city"]})
    runs = members("GET", "/v1/tag-backfills?chain=demo").json["backfills"]
    assert sorted((run["tags"][0], run["status"]) for run in runs) == [
        ("city", "running"), ("tier", "replaced"), ("tier", "replaced"), ("tier", "running"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("settings", "path"),
    [
        ({"thresholds": {"shoe": {}}}, "thresholds.shoe"),
        ({"thresholds": {"tier": {"amount": [1, 2]}}}, "thresholds.tier.amount.2"),
        ({"thresholds": {"tier": {"colour": 1}}}, "thresholds.tier.colour"),
        ({"thresholds": {"tier": {"amount": [3, 2, 1]}}}, "thresholds.tier"),
        ({"thresholds": {"churn": {"percent": [40, 80]}}}, "thresholds.churn"),
        ({"thresholds": {"recency": {"days": [-1, 3, 14, 45]}}}, "thresholds.recency"),
        ({"thresholds": {"frequency": {"window": 10**13}}}, "thresholds.frequency.window"),
        ({"thresholds": {"tier": {"window": 0}}}, "thresholds.tier.window"),
        ({"thresholds": {"churn": {"percent": [999, 100]}}}, "thresholds.churn.percent.0"),
        ({"thresholds": {"discount": {"percent": [20, 300]}}}, "thresholds.discount.percent.1"),
        ({"thresholds": {"weekpart": {"weekend": [9]}}}, "thresholds.weekpart.weekend.0"),
        ({"thresholds": {"daypart": {"begins": [5, 11, 14, 17, 25]}}}, "thresholds.daypart.begins.4"),
        ({"thresholds": {"lifecycle": {"at_risk": 181}}}, "thresholds.lifecycle"),
        ({"timezone": "Factory"}, "timezone"),
        ({"timezone": "localtime"}, "timezone"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
    ],
)
def test_settings_without_sense_are_refused_by_name(members: Caller, settings: dict[str, Any], path: str) -> None:
    refused = members("PUT", "/v1/tag-settings?chain=demo", settings)
    assert (refused.status, [fault["path"] for fault in refused.json["errors"]]) == (422, [path])
