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
