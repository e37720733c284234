"""Heads of changes go to the pages that may see them."""

import json
from datetime import UTC, datetime

from shared.contracts.ids import new_id
from tests.functions.console.conftest import Console


def test_a_timer_is_of_no_chain_and_is_heard_by_each_chain_with_the_right(console: Console) -> None:
    office = console.page(["timers:read"]).connect()
    region = console.page(["timers:read"], "region:demo:west").connect()
    rival = console.page(["timers:read"], "chain:rival").connect()
    blind = console.page(["orders:read", "printing:read"]).connect()
    for page, chain in ((office, "demo"), (region, "demo"), (rival, "rival"), (blind, "demo")):
        page.watch("timers", "alerts", chain=chain)
    now = datetime.now(UTC)
    changed = {
        "specversion": "1.0", "id": new_id(now), "type": "timer.changed", "source": "/dumbwaiter/timers",
        "subject": "prod-tea_brew", "time": now.isoformat(), "datacontenttype": "application/json",
        "dataschema": "urn:x:1", "sequence": 1,
        "data": {"timer": "tea_brew", "paused": True, "schedule": None, "by": "p-secret"},
    }  # fmt: skip
    console.announce(changed)
    for page, chain in ((office, "demo"), (region, "demo"), (rival, "rival")):
        [frame] = page.heard()
        assert [(head["topic"], head["type"], head["chain"], head["store"]) for head in frame["changes"]] == [
            ("timers", "timer.changed", chain, None), ("alerts", "timer.changed", chain, None),
        ]  # fmt: skip
        assert "secret" not in json.dumps(frame)
    assert blind.heads() == []


def test_an_announcement_is_heard_by_the_stores_of_its_chain_without_its_text(console: Console) -> None:
    manager = console.person("store_manager:main").connect()
    packer = console.person("packer:main").connect()
    rival = console.page(["console:read", "jobs:read"], "chain:rival").connect()
    blind = console.page(["orders:read"], "store:demo:main").connect()
    for page, chain in ((manager, "demo"), (packer, "demo"), (rival, "rival"), (blind, "demo")):
        page.watch("announcements", "jobs", chain=chain, stores=[])
    now = datetime.now(UTC)
    published = {
        "specversion": "1.0", "id": new_id(now), "type": "announcement.published", "source": "/dumbwaiter/timers",
        "subject": new_id(now), "time": now.isoformat(), "datacontenttype": "application/json",
        "dataschema": "urn:x:1", "sequence": 1,
        "data": {"job": new_id(now), "chain": "demo", "announcement": new_id(now), "stores": ["main"],
                 "text": "A secret", "begins_at": now.isoformat(), "ends_at": now.isoformat()},
    }  # fmt: skip
    console.announce(published)
    heard = manager.heard()
    assert [head["topic"] for frame in heard for head in frame["changes"]] == ["jobs", "announcements"]
    assert "secret" not in json.dumps(heard)
    assert packer.heads() == [("announcements", "announcement.published", None)]
    assert (rival.heads(), blind.heads()) == ([], [])
