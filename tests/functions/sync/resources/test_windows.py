"""Windows and cursors of sync are bounded before any work is done, and take any text."""

import time
from urllib.parse import quote

from tests.support.sync import CHAIN, Sync

SYSTEM = "/v1/sync/systems/erp"
CURSORS = (
    f"{SYSTEM}/documents{CHAIN}&after=",
    f"{SYSTEM}/documents{CHAIN}&reason=",
    f"{SYSTEM}/codes/items{CHAIN}&after=",
    f"{SYSTEM}/employees{CHAIN}&after=",
    f"{SYSTEM}/files{CHAIN}&before=",
    f"{SYSTEM}/items{CHAIN}&after=",
    f"{SYSTEM}/sales{CHAIN}&after=",
    f"{SYSTEM}/reconciliations{CHAIN}&before=",
    f"/v1/sync/recipes{CHAIN}&after=",
    f"/v1/sync/stock-items{CHAIN}&after=",
)


def test_a_backfill_of_a_thousand_years_is_refused_before_its_days_are_listed(sync: Sync) -> None:
    began = time.process_time()
    body = {"day_from": "1970-01-01", "day_until": "2999-12-31"}
    refused = sync.call("POST", f"{SYSTEM}/flows/push_sales/backfills{CHAIN}", body)
    assert refused.json["code"] == "window_too_large"
    assert time.process_time() - began < 1


def test_a_backfill_that_nothing_would_read_is_refused(sync: Sync) -> None:
    for flow in ("pull_items", "reconcile"):
        sync.begin(flow)
        window = {"day_from": "2026-01-01", "day_until": "2026-01-02"}
        refused = sync.call("POST", f"{SYSTEM}/flows/{flow}/backfills{CHAIN}", window)
        assert (refused.status, refused.json["code"]) == (422, "flow_without_backfill")
    for until in ("2026-01-02", "2026-01-01"):
        window = {"day_from": "2026-01-02", "day_until": until}
        refused = sync.call("POST", f"{SYSTEM}/flows/push_sales/backfills{CHAIN}", window)
        assert (refused.status, refused.json["code"]) == (422, "window_wrong")


def test_days_beyond_the_calendar_are_refused(sync: Sync, store: str) -> None:
    for day, after in (("0001-01-01", "0001-01-02"), ("9999-12-30", "9999-12-31")):
        window = {"day_from": day, "day_until": after}
        for target in (f"{SYSTEM}/flows/push_sales/backfills{CHAIN}", f"{SYSTEM}/reconciliations{CHAIN}"):
            assert sync.call("POST", target, window).json["code"] == "body_invalid"
        assert sync.call("GET", f"{SYSTEM}/dry-run{CHAIN}&store={store}&day={day}").json["code"] == "query_invalid"


def test_a_cursor_of_any_text_is_no_fault_of_ours(sync: Sync) -> None:
    for target in CURSORS:
        for text in ("é", "\U0001f35c", "\x00", "'", "x" * 3000):
            assert sync.call("GET", f"{target}{quote(text)}").status in (200, 422), (target, text)


def test_a_key_or_reason_of_any_text_replays_nothing(sync: Sync) -> None:
    for body in ({"key": "é"}, {"reason": "\U0001f35c"}, {"reason": "\x00"}):
        assert sync.call("POST", f"{SYSTEM}/replays{CHAIN}", body).status in (200, 422), body
